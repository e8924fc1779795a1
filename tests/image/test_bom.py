"""An image's bill of materials."""

import json
import platform
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Script = Callable[[str], ModuleType]


@pytest.fixture
def bill(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The bill of this environment beside a root file system with one package of Debian's."""
    status = tmp_path / "var/lib/dpkg/status.d"
    status.mkdir(parents=True)
    (status / "libstdc++6").write_text("Package: libstdc++6\nArchitecture: amd64\nVersion: 1:12.2.0-14\n")
    monkeypatch.setattr("sys.argv", ["bom.py", "edge", "1.2.3", str(tmp_path)])
    assert script("bom").main() == 0
    return json.loads(capsys.readouterr().out)


def test_it_names_the_image(bill: Any) -> None:
    assert bill["metadata"]["component"] == {
        "type": "container",
        "bom-ref": "image",
        "name": "unigate-edge",
        "version": "1.2.3",
    }


def test_it_names_python_its_packages_and_debians(bill: Any) -> None:
    purls = {each["purl"] for each in bill["components"]}
    assert f"pkg:generic/python@{platform.python_version()}" in purls
    assert any(purl.startswith("pkg:pypi/grpcio@") for purl in purls)
    assert "pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14?arch=amd64&distro=debian" in purls


def test_every_component_is_a_part_of_the_image(bill: Any) -> None:
    (image,) = bill["dependencies"]
    assert image["dependsOn"] == [each["bom-ref"] for each in bill["components"]]


def test_no_component_is_named_twice(bill: Any) -> None:
    references = [each["bom-ref"] for each in bill["components"]]
    assert len(references) == len(set(references))


def test_the_same_image_has_the_same_serial_number(script: Script) -> None:
    bom = script("bom")
    parts = [bom.component("library", "a", "1", "pkg:pypi/a@1")]
    assert bom.bill("edge", "1", parts) == bom.bill("edge", "1", parts)
    assert bom.bill("edge", "1", parts)["serialNumber"] != bom.bill("edge", "1", [])["serialNumber"]
