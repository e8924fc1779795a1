"""The guides are followed by tests: their files are written, and their changes made, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.discovery import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.pyc", "node_modules")
_STEP = re.compile(r"^`(?P<path>[\w./-]+)`$|^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def copy_repository(folder: Path) -> None:
    """Copy what is in the repository, and nothing that is installed or made."""
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)


def run(folder: Path, *command: str) -> None:
    """Run a command of the virtual environment in a copy, whose packages come before the installed ones.

    Raises SystemExit with what it printed when it fails.
    """
    paths = [folder, *folder.glob("packages/*"), *folder.glob("services/*")]
    path = os.pathsep.join(map(str, paths))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": path, "MYPYPATH": path}
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


def follow(guide: Path, folder: Path) -> None:
    """Do what a guide says: each block below a path is the file, or what is added to it."""
    path = None
    for step in _STEP.finditer(guide.read_text()):
        if step["path"]:
            path = folder / step["path"]
        elif path is not None and step["kind"] == "diff":
            change(path, step["text"].splitlines())
        elif path is not None and step["kind"] != "console":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step["text"])


def change(path: Path, lines: list[str]) -> None:
    """Add the lines with a plus after those above them, which must be in the file once."""
    before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "".join(f"{line[1:]}\n" for line in lines)
    text = path.read_text()
    if text.count(before) != 1:
        raise SystemExit(f"{path.name} has {text.count(before)} times:\n{before}")
    path.write_text(text.replace(before, after))
