"""One version, stated everywhere alike."""

import pytest

from tools import version
from tools.discovery import ROOT


def test_every_place_states_the_version() -> None:
    assert version.main(["--check"]) == 0


def test_another_version_would_be_written_everywhere() -> None:
    changed = {path.relative_to(ROOT).as_posix() for path, text, new in version.written("9.9.9-rc.1") if text != new}
    assert {
        "deploy/helm/unigate/Chart.yaml",
        "docker-compose.yml",
        "Dockerfile",
        "packages/core/pyproject.toml",
    } <= changed
    assert all("0.1.0" not in new for path, _, new in version.written("9.9.9") if path.name == "Chart.yaml")


@pytest.mark.parametrize("given", ["1.2", "v1.2.3", "latest"])
def test_what_is_no_version_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = version.FILE.read_text()
    assert version.main([given]) == 2
    assert version.FILE.read_text() == before
    assert given in capsys.readouterr().err
