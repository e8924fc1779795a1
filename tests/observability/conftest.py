"""Where Prometheus's programs are."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HINT = "{} is missing; Debian and Ubuntu have it in the package `prometheus`: apt-get install -y prometheus"


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program; the test fails where there is none."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.fail(HINT.format(name))
        return path

    return find


@pytest.fixture
def promtool(program: Callable[[str], str]) -> Callable[..., None]:
    """Run promtool; its complaints fail the test."""

    def run(*arguments: str | Path) -> None:
        result = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr

    return run
