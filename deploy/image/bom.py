"""What an image holds -> its bill of materials, CycloneDX 1.6 JSON: https://cyclonedx.org/docs/1.6/json/

`python bom.py edge 0.1.0 /system` runs in the service's own environment and prints Python, its packages and Debian's.
Libraries that a wheel brings along stand within its package: the files themselves, and what the wheel's own bills say
of them (https://peps.python.org/pep-0770/).
"""

import hashlib
import json
import platform
import re
import sys
import uuid
from collections.abc import Iterator
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path
from typing import Any

Component = dict[str, Any]


def main() -> int:
    """Print the bill of materials of a service's image."""
    service, version, root = sys.argv[1:4]
    components = [interpreter(), *sorted(map(python_package, distributions()), key=bom_ref)]
    print(json.dumps(bill(service, version, [*components, *debian_packages(Path(root))]), indent=1))
    return 0


def bill(service: str, version: str, components: list[Component]) -> dict[str, Any]:
    """Return the document; the same components give the same serial number, so a rebuild can be compared."""
    named = {"type": "container", "bom-ref": "image", "name": f"unigate-{service}", "version": version}
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([named, components], sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": named},
        "components": components,
        "dependencies": [{"ref": "image", "dependsOn": [each["bom-ref"] for each in components]}],
    }


def bom_ref(component: Component) -> str:
    """Return the name of a component within its document."""
    return str(component["bom-ref"])


def component(kind: str, name: str, version: str, purl: str) -> Component:
    """Return a component: https://github.com/package-url/purl-spec"""
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def interpreter() -> Component:
    """Return Python itself."""
    version = platform.python_version()
    return component("platform", "python", version, f"pkg:generic/python@{version}")


def python_package(found: Distribution) -> Component:
    """Return an installed package of Python's, with its licence as its metadata state it."""
    name = re.sub(r"[-_.]+", "-", found.metadata["Name"]).lower()
    described = component("library", name, found.version, f"pkg:pypi/{name}@{found.version}")
    if inner := [*bundled_files(found, described["purl"]), *bundled_bills(found, described["purl"])]:
        described["components"] = inner
    fields = found.metadata.json
    if expression := fields.get("license_expression"):
        return described | {"licenses": [{"expression": expression}]}
    if stated := fields.get("license"):
        return described | {"licenses": [{"license": {"name": str(stated).strip().splitlines()[0]}}]}
    return described


def bundled_files(found: Distribution, purl: str) -> Iterator[Component]:
    """Yield the shared libraries that a wheel brings along, as auditwheel places them beside its package."""
    for path in sorted(map(PackagePath, found.files or ())):
        if path.parts[0].endswith(".libs"):
            digest = hashlib.sha256(Path(str(found.locate_file(path))).read_bytes()).hexdigest()
            yield {
                "type": "file",
                "bom-ref": f"{purl}#{path}",
                "name": str(path),
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }


def bundled_bills(found: Distribution, purl: str) -> Iterator[Component]:
    """Yield what a wheel's own bills of materials name, the wheel itself left out."""
    kept = ("type", "name", "version", "purl", "licenses", "hashes")
    seen = {purl}
    for path in sorted(map(PackagePath, found.files or ())):
        if path.parts[0].endswith(".dist-info") and path.parts[1:2] == ("sboms",) and path.suffix == ".json":
            for part in json.loads(Path(str(found.locate_file(path))).read_text()).get("components", ()):
                reference = part.get("purl") or f"{part['name']}@{part.get('version', '')}"
                if reference not in seen and not reference.startswith("pkg:pypi/"):
                    seen.add(reference)
                    yield {key: part[key] for key in kept if key in part} | {"bom-ref": f"{purl}#{reference}"}


def debian_packages(root: Path) -> Iterator[Component]:
    """Yield the packages of Debian's whose files a root file system holds."""
    for path in sorted((root / "var/lib/dpkg/status.d").iterdir()):
        fields = dict(re.findall(r"^(Version|Architecture): (\S+)$", path.read_text(), re.MULTILINE))
        version = fields["Version"]
        purl = f"pkg:deb/debian/{path.name}@{version.replace(':', '%3A')}?arch={fields['Architecture']}&distro=debian"
        yield component("library", path.name, version, purl.replace("+", "%2B"))


if __name__ == "__main__":
    sys.exit(main())
