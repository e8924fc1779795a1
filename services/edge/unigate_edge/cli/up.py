"""`unigate up` and `unigate down`: the whole gateway as processes of this machine, from a checkout."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import NoReturn, TextIO

from unigate_edge.cli.remote import Failed

ROOT = Path(__file__).resolve().parents[4]


def up(options: Namespace, out: TextIO) -> int:
    """Start everything; returns when it ends, or at once with `--detach`. Raises Failed."""
    settings = {"PORT": str(options.port), "DETACH": "1" if options.detach else "", "CONFIG": options.config or ""}
    out.flush()
    _run("tools.up", settings)


def down(options: Namespace, out: TextIO) -> int:
    """Stop what `up` started. Raises Failed."""
    del options
    out.flush()
    _run("tools.down", {})


def _run(module: str, settings: dict[str, str]) -> NoReturn:
    if not (ROOT / "tools" / "up.py").exists():
        raise Failed("`unigate up` runs a checkout of the repository: `make install` there, then its .venv/bin/unigate")
    os.chdir(ROOT)
    # in this process's place, so that signals reach it as they are
    os.execve(sys.executable, [sys.executable, "-m", module], os.environ | settings)  # noqa: S606 - our own tool
