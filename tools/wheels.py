"""requirements/*.txt, the image's Python -> whether every pin has a wheel for amd64 and arm64; asks the package index.

`python -m tools.wheels`: images compile nothing, so a pin without a wheel is an image that cannot be built.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.discovery import ROOT

PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
LOCKS = ("runtime.txt", "build.txt")


def python_of_the_image() -> str:
    """Return the version of Python that the Dockerfile's base has, such as `3.13`."""
    found = re.search(r"^ARG BASE=python:(\d+\.\d+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError("the Dockerfile's BASE names no version of Python")
    return found.group(1)


def command(platform: str, target: Path) -> list[str]:
    """Return what resolves the locks for a platform, by hash and from wheels alone, and installs nothing."""
    uv = str(Path(sys.executable).parent / "uv")
    wheels = ["--only-binary", ":all:", "--require-hashes", "--no-deps"]
    place = ["--python-platform", platform, "--python-version", python_of_the_image(), "--target", str(target)]
    locks = [part for lock in LOCKS for part in ("--requirement", str(ROOT / "requirements" / lock))]
    return [uv, "pip", "install", "--dry-run", "--quiet", *wheels, *place, *locks]


def main() -> int:
    """Ask for each platform, and list the pins that have no wheel."""
    wrong = 0
    for platform in PLATFORMS:
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command(platform, Path(folder)), capture_output=True, text=True, check=False)
        print(f"{platform}, Python {python_of_the_image()}: {'every pin has a wheel' if not done.returncode else 'no'}")
        sys.stderr.write(done.stderr)
        wrong |= done.returncode
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
