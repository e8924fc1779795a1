"""An image's bill of materials."""

import json
import platform
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import Distribution
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
    parts = [part for each in bill["components"] for part in each.get("components", ())]
    references = [each["bom-ref"] for each in (*bill["components"], *parts)]
    assert len(references) == len(set(references))


@pytest.fixture
def wheel(script: Script, tmp_path: Path) -> Any:
    """The component of a package whose wheel brings a library and a bill of its own."""
    info = tmp_path / "sound-1.0.dist-info"
    (info / "sboms").mkdir(parents=True)
    (tmp_path / "sound.libs").mkdir()
    (tmp_path / "sound.libs/libsound-1a2b.so.7").write_bytes(b"library")
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: Sound\nVersion: 1.0\n")
    parts = [
        {"type": "library", "name": "libsound", "version": "7", "purl": "pkg:rpm/alma/libsound@7", "bom-ref": "x"},
        {"type": "library", "name": "sound", "version": "1.0", "purl": "pkg:pypi/sound@1.0"},
    ]
    (info / "sboms/auditwheel.cdx.json").write_text(json.dumps({"bomFormat": "CycloneDX", "components": parts}))
    names = ("sound.libs/libsound-1a2b.so.7", f"{info.name}/METADATA", f"{info.name}/sboms/auditwheel.cdx.json")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    return script("bom").python_package(Distribution.at(info))


def test_libraries_that_a_wheel_brings_along_are_named_with_their_hash(wheel: Any) -> None:
    file, _ = wheel["components"]
    assert file["name"] == "sound.libs/libsound-1a2b.so.7"
    assert file["hashes"] == [{"alg": "SHA-256", "content": sha256(b"library").hexdigest()}]


def test_what_a_wheels_own_bill_says_is_handed_on(wheel: Any) -> None:
    _, named = wheel["components"]
    assert (named["purl"], named["version"]) == ("pkg:rpm/alma/libsound@7", "7")
    assert named["bom-ref"] == "pkg:pypi/sound@1.0#pkg:rpm/alma/libsound@7"


def test_a_package_of_pythons_alone_has_no_parts(script: Script, tmp_path: Path) -> None:
    info = tmp_path / "plain-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: plain\nVersion: 1.0\n")
    assert "components" not in script("bom").python_package(Distribution.at(info))


def test_the_same_image_has_the_same_serial_number(script: Script) -> None:
    bom = script("bom")
    parts = [bom.component("library", "a", "1", "pkg:pypi/a@1")]
    assert bom.bill("edge", "1", parts) == bom.bill("edge", "1", parts)
    assert bom.bill("edge", "1", parts)["serialNumber"] != bom.bill("edge", "1", [])["serialNumber"]
