"""`unigate` on the command line: everything but serving, which is what it does without a command."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from unigate_edge.cli.doctor import default_config, doctor
from unigate_edge.cli.keys import keys_command
from unigate_edge.cli.prepare import prepare
from unigate_edge.cli.remote import Failed, add_options
from unigate_edge.cli.talk import chat, models
from unigate_edge.cli.up import down, up
from unigate_edge.config.documentation import json_schema
from unigate_edge.config.model import ConfigError, load_config

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def command(arguments: Sequence[str], out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Run a command. Returns the exit status: 1 when it did not work, 2 for what cannot be understood."""
    if arguments[:1] == ["keys"]:
        return keys_command(arguments[1:], out, err)
    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options, out)
    except (ConfigError, Failed) as error:
        err.write(f"{error}\n")
        return 2 if isinstance(error, ConfigError) else 1
    except BrokenPipeError:
        return 0
    return status


def parser() -> argparse.ArgumentParser:
    """The command line, but for `unigate keys`, which has its own."""
    commands = argparse.ArgumentParser(
        prog="unigate", description="Without a command, serve as the UNIGATE_* variables say."
    )
    groups = commands.add_subparsers(required=True, metavar="COMMAND")
    run = groups.add_parser("up", help="run the whole gateway here, with a simulator for vendors without a key")
    run.add_argument("--port", type=int, default=8080, help="where it listens; default: 8080")
    run.add_argument("--detach", action="store_true", help="return as soon as it is ready")
    run.add_argument("--config", help="an edge configuration to start from")
    run.set_defaults(run=up)
    groups.add_parser("down", help="stop what `unigate up` started").set_defaults(run=down)
    listed = groups.add_parser("models", help="list the models that a key may use")
    add_options(listed)
    listed.set_defaults(run=models)
    talk = groups.add_parser("chat", help="talk to a model")
    talk.add_argument("model", help="such as anthropic/claude-haiku-4-5; `unigate models` lists them")
    talk.add_argument("message", nargs="*", help="the message; without one, a conversation line by line")
    add_options(talk)
    talk.set_defaults(run=chat)
    look = groups.add_parser("doctor", help="check a gateway: what is wrong with it, and what to do")
    look.add_argument(
        "--config", type=Path, default=default_config(), help="the edge's file; UNIGATE_CONFIG, else here"
    )
    add_options(look)
    look.set_defaults(run=doctor)
    groups.add_parser("keys", help="keys of the gateway's clients")
    made = groups.add_parser("prepare", help="make a release's secrets and check its configuration, in the chart's Job")
    made.set_defaults(run=lambda options, out: prepare(out, sys.stderr))
    config = groups.add_parser("config", help="the edge's YAML file").add_subparsers(required=True, metavar="COMMAND")
    check = config.add_parser("check", help="check a file: what is wrong with it, by line and field")
    check.add_argument("file", type=Path)
    check.set_defaults(run=_check)
    config.add_parser("schema", help="print the JSON Schema of the file").set_defaults(run=_schema)
    return commands


def _check(options: argparse.Namespace, out: TextIO) -> int:
    config = load_config(options.file)
    out.write(f"{options.file}: good: {len(config.providers)} providers, {len(config.keys)} keys\n")
    return 0


def _schema(options: argparse.Namespace, out: TextIO) -> int:
    del options
    out.write(schema_text())
    return 0


def schema_text() -> str:
    """The JSON Schema of the file, as it is published in `docs`."""
    schema: dict[str, Any] = {"$schema": SCHEMA_ID, **json_schema()}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
