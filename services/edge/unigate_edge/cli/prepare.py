"""`unigate prepare`: what a release needs before its pods change, run by helm's hook Job.

Checks the new configuration as the edge would, so that one which its pods would refuse stops the upgrade. Then makes
the Secrets that are random, once, in the cluster: nothing random is rendered, so that GitOps tools see no change and
neither `helm get manifest` nor a release's history shows a key.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, TextIO, cast

import msgspec
import yaml

from unigate_core.environment import EnvironmentSettings, SettingsError
from unigate_edge.config.model import ConfigError, load_config
from unigate_edge.keys.kubernetes_secrets import ApiConflict, ApiError, Secrets
from unigate_edge.keys.new_keys import new_secret
from unigate_edge.keys.stores import FILE, KeyStoreError, entries_of, text_of

API_KEY, SEAL, PASSWORD, URL = "api-key", "seal", "password", "url"
ATTEMPTS = 3
"""At reading and writing Secrets that someone else changes at the same time."""


class PrepareSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """What the Job's environment says. Names of Secrets that are empty are the operator's own: they are left alone."""

    PREFIX: ClassVar[str] = "UNIGATE_PREPARE_"

    config: Path
    """The new configuration."""
    keys_file: Path | None = None
    """The operator's own keys, where they are in use."""
    api_key_secret: str = ""
    """Holds the first key itself, for the people who call the gateway."""
    keys_secret: str = ""
    """Holds the keys as the edge reads them: hashes only."""
    seal_secret: str = ""
    """Holds the secret of `encrypted_content`."""
    store_secret: str = ""
    """Holds the password of the chart's own store, and the URL that the edge reads."""
    store_host: str = ""
    """Where that store is, with its port."""
    models: list[str] = msgspec.field(default_factory=lambda: ["*"])
    """What the first key may use."""
    further_keys: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """Keys beside the first, as in the configuration."""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """Of the Secrets."""


class Change(msgspec.Struct, frozen=True):
    """One Secret to write. `version` is the one that was read; None: there is no such Secret yet."""

    secret: str
    data: Mapping[str, str]
    version: str | None


def prepare(out: TextIO, err: TextIO, cluster: Callable[[], Secrets] = Secrets.of_pod) -> int:
    """Run the command. Returns the exit status: 2 for a configuration that the edge would refuse.

    Everything is read and checked before the first Secret is written: a refusal leaves all of them as they were.
    """
    try:
        settings = PrepareSettings.from_environment()
        for attempt in range(ATTEMPTS):
            try:
                _prepare_once(settings, cluster, out)
                break
            except ApiConflict:
                # `unigate keys` or another Job has changed a Secret since it was read: read it again
                if attempt == ATTEMPTS - 1:
                    raise
    except (ApiError, ConfigError, KeyStoreError, SettingsError, OSError) as error:
        err.write(f"{error}\n")
        return 2
    out.write(f"{settings.config}: good\n")
    return 0


def _prepare_once(settings: PrepareSettings, cluster: Callable[[], Secrets], out: TextIO) -> None:
    """Read, check, write. Raises ApiError, ConfigError, KeyStoreError, OSError."""
    named = (settings.api_key_secret, settings.keys_secret, settings.seal_secret, settings.store_secret)
    changes: list[Change] = []
    keys = ""
    there = cluster() if any(named) else None
    if there is not None:
        if settings.store_secret:
            changes += _store_password(there, settings)
        if settings.seal_secret:
            changes += _ensured(there, settings.seal_secret, SEAL, lambda: secrets.token_urlsafe(48))[1]
    if settings.keys_file is not None:
        keys = settings.keys_file.read_text(encoding="utf-8")
    elif there is not None and settings.keys_secret:
        keys, key_changes = _keys(there, settings)
        changes += key_changes
    _check(settings.config, keys)
    if there is not None:
        for change in changes:
            _write(there, change, settings.labels, out)


def _keys(there: Secrets, settings: PrepareSettings) -> tuple[str, list[Change]]:
    """The text of the keys' file, and what is to be written for it. Raises ApiError, KeyStoreError."""
    key, changes = _ensured(there, settings.api_key_secret, API_KEY, new_secret)
    first = {"name": "default", "sha256": sha256(key.encode()).hexdigest(), "models": settings.models}
    found = there.find(settings.keys_secret)
    now = found.data.get(FILE) if found else None
    named = {"default", *(entry.get("name") for entry in settings.further_keys)}
    text = text_of([first, *settings.further_keys, *_of_command(now, named)])
    if text != now:
        changes.append(Change(settings.keys_secret, {FILE: text}, found.version if found else None))
    return text, changes


def _of_command(text: str | None, named: set[Any]) -> list[dict[str, Any]]:
    """The entries that `unigate keys` has put into the Secret, which stay. Raises KeyStoreError."""
    return [
        entry
        for entry in cast("list[Any]", entries_of(text or "", FILE))
        if isinstance(entry, dict) and entry.get("name") not in named and "made-by" in (entry.get("metadata") or {})
    ]


def _store_password(there: Secrets, settings: PrepareSettings) -> list[Change]:
    """A password for the chart's own store, which is made where there is none, and the URL with it."""
    if there.get(settings.store_secret) is not None:
        return []
    password = secrets.token_urlsafe(32)
    url = f"redis://:{password}@{settings.store_host}/0"
    return [Change(settings.store_secret, {PASSWORD: password, URL: url}, None)]


def _ensured(there: Secrets, name: str, key: str, make: Callable[[], str]) -> tuple[str, list[Change]]:
    """A value of a Secret, and the change that makes it where there is none."""
    found = there.find(name)
    if found is not None and found.data.get(key):
        return found.data[key], []
    value = make()
    return value, [Change(name, {key: value}, found.version if found else None)]


def _write(there: Secrets, change: Change, labels: Mapping[str, str], out: TextIO) -> None:
    if change.version is None:
        there.create(change.secret, change.data, labels)
        out.write(f"made secret {change.secret}\n")
    else:
        there.update(change.secret, change.data, change.version)
        out.write(f"changed secret {change.secret}\n")


def _check(config: Path, keys: str) -> None:
    """Read the configuration as the edge would, its keys beside it. Raises ConfigError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / config.name
        text = config.read_text(encoding="utf-8")
        named = yaml.safe_load(text) or {}
        if isinstance(named, dict) and named.get("keys_file"):
            beside = Path(folder) / FILE
            beside.write_text(keys, encoding="utf-8")
            text = yaml.safe_dump({**named, "keys_file": beside.name}, sort_keys=False)
        copy.write_text(text, encoding="utf-8")
        load_config(copy)
