"""Files that are made from the code: written, or with `--check` compared with what is there."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.discovery import ROOT

CHECK = "--check"


def write_or_check(texts: Mapping[Path, str], arguments: Sequence[str], command: str) -> int:
    """Write the texts; with `--check` write nothing and name the files that differ. Returns the exit status.

    `command` is what writes them, for the message.
    """
    if CHECK not in arguments:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run `{command}`", file=sys.stderr)
    return 1 if stale else 0
