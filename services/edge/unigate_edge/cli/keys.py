"""`unigate keys`: make, list and revoke keys, printed or in the place that the edge reads them from.

A change leaves one line for the audit on standard error: what, when, for whom, by which user; never the key itself.
"""

from __future__ import annotations

import argparse
import getpass
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import yaml
from pydantic import ValidationError

from unigate_edge.cli.key_stores import KubectlStore
from unigate_edge.config.keys import Key
from unigate_edge.keys.new_keys import audited, new_key
from unigate_edge.keys.stores import (
    MADE_BY,
    FileStore,
    KeyStore,
    KeyStoreError,
    adding,
    change,
    removing,
)


def keys_command(arguments: Sequence[str], out: TextIO = sys.stdout, err: TextIO = sys.stderr) -> int:
    """Run the command. Returns the exit status: 1 when it did not work, 2 for an entry that the edge would not take."""
    options = parser().parse_args(arguments)
    try:
        status: int = options.run(options, out, err)
    except ValidationError as error:
        err.write("".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}\n" for fault in error.errors()))
        return 2
    except KeyStoreError as error:
        err.write(f"{error}\n")
        return 1
    return status


def _new(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    store = _store(options)
    secret, key = new_key(
        {
            "name": options.name,
            "models": options.models,
            "expires": options.expires,
            "limits": _limits(options),
            "admin": options.admin,
            "metadata": ({"owner": options.owner} if options.owner else {}) | (MADE_BY if store else {}),
        }
    )
    entry = key.model_dump(mode="json", exclude_defaults=True)
    if store is None:
        out.write(
            f"{secret}\n\n"
            "# This is the only time the key is shown. Its entry for `keys` in the configuration or in `keys_file`:\n"
            f"{yaml.safe_dump([entry], sort_keys=False)}"
        )
        return 0
    change(store, adding(entry))
    _audit(err, "key_created", key)
    out.write(f"{secret}\n\n# This is the only time the key is shown. Running edges take it within about a minute.\n")
    return 0


def _revoke(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    store = _store(options)
    if store is None:
        raise KeyStoreError("name where the key is kept: --file or --secret")
    for entry in change(store, removing(options.name)):
        if entry.get("name") == options.name:
            _audit(err, "key_revoked", Key.model_validate(entry))
    out.write(f"revoked {options.name}; running edges refuse it within about a minute\n")
    return 0


def _list(options: argparse.Namespace, out: TextIO, err: TextIO) -> int:
    del err
    store = _store(options)
    if store is None:
        raise KeyStoreError("name where the keys are kept: --file or --secret")
    for entry in store.read():
        key = Key.model_validate(entry)
        ended = " (ended)" if key.expiry() < time.time() else ""
        expires = f"{key.expires:%Y-%m-%d}{ended}" if key.expires else "never"
        owner = key.metadata.get("owner", "")
        out.write(
            f"{key.name:24} {key.sha256[:12]}  ends {expires:20} {', '.join(key.models):24} {owner}".rstrip() + "\n"
        )
    return 0


def _limits(options: argparse.Namespace) -> dict[str, object] | None:
    budget = {name: value for name, value in (("day", options.usd_per_day), ("month", options.usd_per_month)) if value}
    limits: dict[str, object] = {
        "requests_per_minute": options.requests_per_minute,
        "tokens_per_minute": options.tokens_per_minute,
        "budget_usd": budget or None,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    return given or None


def _audit(err: TextIO, event: str, key: Key) -> None:
    line = {
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "event": event,
        **audited(key),
        "by": getpass.getuser(),
    }
    err.write(json.dumps({name: value for name, value in line.items() if value is not None}) + "\n")


def _store(options: argparse.Namespace) -> KeyStore | None:
    if options.file is not None:
        return FileStore(options.file)
    return KubectlStore(options.secret, options.namespace) if options.secret else None


def parser() -> argparse.ArgumentParser:
    """The command line."""
    commands = argparse.ArgumentParser(prog="unigate keys", description="Keys of the gateway's clients.")
    groups = commands.add_subparsers(required=True, metavar="COMMAND")
    new = groups.add_parser("new", help="make a key, and print it with its entry or put the entry where keys are kept")
    new.add_argument("name", help="the tenant, as logs and metrics show it")
    new.add_argument("--models", nargs="+", default=["*"], metavar="GLOB", help="models that it may use; default: all")
    new.add_argument("--expires", type=datetime.fromisoformat, help="when it ends, such as 2030-01-01T00:00:00+00:00")
    new.add_argument("--admin", action="store_true", help="it may read all keys' usage, and make and revoke keys")
    new.add_argument("--owner", default="", help="who answers for it; shown by `list` and to the key's holder")
    new.add_argument("--requests-per-minute", type=int, metavar="N")
    new.add_argument("--tokens-per-minute", type=int, metavar="N")
    new.add_argument("--usd-per-day", type=float, metavar="USD")
    new.add_argument("--usd-per-month", type=float, metavar="USD")
    new.set_defaults(run=_new)
    revoke = groups.add_parser("revoke", help="take a key away")
    revoke.add_argument("name")
    revoke.set_defaults(run=_revoke)
    listed = groups.add_parser("list", help="show the keys, without what they are")
    listed.set_defaults(run=_list)
    for each in (new, revoke, listed):
        place = each.add_mutually_exclusive_group()
        place.add_argument("--file", type=Path, help="the file that `keys_file` of the configuration names")
        place.add_argument("--secret", help="the Kubernetes Secret with keys.yaml, changed by kubectl")
        each.add_argument("--namespace", "-n", default="", help="of the Secret; default: kubectl's own")
    return commands
