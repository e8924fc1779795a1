"""`make new-provider` in a copy of the repository: what it makes passes the checks without a further edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import new_provider
from tools.guides import copy_repository, run

CHECKS = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy", "services/finch"],
    "imports": ["python", "-m", "tools.import_rules"],
    "version": ["python", "-m", "tools.version", "--check"],
    "tests": [
        *("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/finch", "tests/docs/test_tables.py"),
        *("tests/tools/test_compose.py", "tests/tools/test_dependencies.py", "tests/tools/test_version.py"),
        *("tests/chart/test_providers.py", "tests/chart/test_network.py", "tests/chart/test_monitoring.py"),
    ],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with one provider more."""
    folder = tmp_path_factory.mktemp("repository") / "unigate"
    copy_repository(folder)
    run(folder, "python", "-m", "tools.new_provider", "finch")
    run(folder, "python", "-m", "tools.tables")
    run(folder, "python", "-m", "tools.chart_readme")
    return folder


# one test, for workers of pytest-xdist would each make a copy for a part of several
def test_what_is_made_passes_the_checks(copy: Path) -> None:
    for command in CHECKS.values():
        run(copy, *command)


@pytest.mark.parametrize("name", ["Finch", "a", "9lives", "finch-api", "my_llm", "a" * 21, "state", ""])
def test_a_name_that_cannot_be_a_package_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert new_provider.main([name]) != 0
    assert "name" in capsys.readouterr().err


def test_a_provider_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    assert new_provider.main(["deepseek"]) == 1
    assert "services/deepseek is there already" in capsys.readouterr().err
