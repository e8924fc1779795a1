"""`unigate` on the command line: everything but serving, which it does when it is told nothing."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from unigate_edge.config.keys_command import keys_command
from unigate_edge.config.model import Config, ConfigError, load_config
from unigate_edge.config.prepare import prepare

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def command(arguments: Sequence[str], out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Run a command. Returns the exit status."""
    if arguments[:1] == ["keys"]:
        return keys_command(arguments[1:], out, err)
    if arguments[:1] == ["prepare"]:
        return prepare(out, err)
    options = parser().parse_args(arguments)
    if options.what == "schema":
        out.write(schema_text())
        return 0
    try:
        config = load_config(options.file)
    except ConfigError as error:
        err.write(f"{error}\n")
        return 2
    out.write(f"{options.file}: good: {len(config.providers)} providers, {len(config.keys)} keys\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line, but for `unigate keys`, which has its own."""
    commands = argparse.ArgumentParser(prog="unigate", description="Without a command: serve, as UNIGATE_* say.")
    groups = commands.add_subparsers(required=True)
    groups.add_parser("keys", help="keys of the gateway's clients")
    groups.add_parser("prepare", help="make a release's secrets and check its configuration, in the chart's Job")
    config = groups.add_parser("config", help="the edge's YAML file").add_subparsers(dest="what", required=True)
    check = config.add_parser("check", help="tell what is wrong with a file, by line and field")
    check.add_argument("file", type=Path)
    config.add_parser("schema", help="print the JSON Schema of the file")
    return commands


def schema_text() -> str:
    """The JSON Schema of the file, as it is published in `docs`."""
    schema: dict[str, Any] = {"$schema": SCHEMA_ID, **Config.model_json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
