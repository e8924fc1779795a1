"""`python -m unigate_edge keys new NAME`: make a key, print it once, and the entry that lets it in."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import TextIO

import yaml
from pydantic import ValidationError

from unigate_edge.config.keys import Key

PREFIX = "sk-ug-"


def keys_command(arguments: Sequence[str], out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Run the command. Returns the exit status: 2 for an entry that the edge would not take."""
    options = parser().parse_args(arguments)
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        key = Key(
            name=options.name,
            sha256=sha256(secret.encode()).hexdigest(),
            models=tuple(options.models),
            expires=options.expires,
        )
    except ValidationError as error:
        err.write("".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}\n" for fault in error.errors()))
        return 2
    entry = key.model_dump(mode="json", exclude_defaults=True)
    out.write(
        f"{secret}\n\n"
        "# This is the only time the key is shown. Its entry for `keys` in the configuration or in `keys_file`:\n"
        f"{yaml.safe_dump([entry], sort_keys=False)}"
    )
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    commands = argparse.ArgumentParser(prog="unigate keys", description="Keys of the gateway's clients.")
    new = commands.add_subparsers(required=True).add_parser("new", help="make a key and print it with its entry")
    new.add_argument("name", help="the tenant, as logs and metrics show it")
    new.add_argument("--models", nargs="+", default=["*"], metavar="GLOB", help="models that it may use; default: all")
    new.add_argument("--expires", type=datetime.fromisoformat, help="when it ends, such as 2030-01-01T00:00:00+00:00")
    return commands
