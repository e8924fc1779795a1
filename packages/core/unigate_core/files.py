"""Whether a file has changed."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

FileSignature: TypeAlias = tuple[int, int, int]


def file_signature(path: Path) -> FileSignature | None:
    """What changes when a file does, links followed as in a mounted Secret; None: it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
