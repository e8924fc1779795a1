"""Where keys are kept, and how one is added or taken away: a file as `keys_file` names it, or a Kubernetes Secret."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import yaml

from unigate_edge.config.keys import KeyAdministration
from unigate_edge.keys.kubernetes_secrets import ApiConflict, ApiError, Secrets

Entry = dict[str, Any]
Change = Callable[[list[Entry]], list[Entry]]
FILE: Final = "keys.yaml"
"""The Secret's key under which the chart looks for keys."""
MADE_BY: Final = {"made-by": "unigate keys"}
"""Marks entries in a key's metadata, so that the chart's Job leaves them where they are."""
ATTEMPTS: Final = 5
"""How often a change is tried while others change the same place."""


class KeyStoreError(Exception):
    """Keys could not be read or changed; the message says why."""


class KeyExists(KeyStoreError):
    """There is a key of that name."""


class NoSuchKey(KeyStoreError):
    """There is no key of that name."""


class StoreChanged(KeyStoreError):
    """Somebody else has changed the keys since they were read."""


class KeyStore(Protocol):
    """The entries of some place."""

    def read(self) -> list[Entry]:
        """All entries. Raises KeyStoreError."""

    def write(self, entries: list[Entry]) -> None:
        """Put these in place of those that were read. Raises KeyStoreError."""


def change(store: KeyStore, how: Change) -> list[Entry]:
    """Change entries, again after a concurrent change; returns those before. Raises KeyStoreError."""
    for _ in range(ATTEMPTS - 1):
        with suppress(StoreChanged):
            return _change_once(store, how)
    return _change_once(store, how)


def _change_once(store: KeyStore, how: Change) -> list[Entry]:
    entries = store.read()
    store.write(how(entries))
    return entries


def adding(entry: Entry) -> Change:
    """The change that adds an entry. Raises KeyExists."""

    def add(entries: list[Entry]) -> list[Entry]:
        if any(each.get("name") == entry["name"] for each in entries):
            raise KeyExists(f"there is a key of the name {entry['name']} already: revoke it, or take another name")
        return [*entries, entry]

    return add


def removing(name: str) -> Change:
    """The change that takes an entry away. Raises KeyStoreError."""

    def remove(entries: list[Entry]) -> list[Entry]:
        remaining = [each for each in entries if each.get("name") != name]
        if len(remaining) == len(entries):
            raise NoSuchKey(f"there is no key named {name}")
        if not remaining:
            raise KeyStoreError("this is the last key, and the edge refuses a file without any; make another one first")
        return remaining

    return remove


class FileStore(msgspec.Struct, frozen=True):
    """A file of keys; a new one takes the place of the old at once, so that an edge never reads half of it."""

    path: Path

    def read(self) -> list[Entry]:
        """See KeyStore. No file: no entries."""
        try:
            return entries_of(self.path.read_text(encoding="utf-8"), str(self.path))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise KeyStoreError(f"{self.path}: {error.strerror}") from error

    def write(self, entries: list[Entry]) -> None:
        """See KeyStore."""
        try:
            with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False, encoding="utf-8") as file:
                file.write(text_of(entries))
            os.replace(file.name, self.path)  # noqa: PTH105 - the same file system
        except OSError as error:
            raise KeyStoreError(f"{self.path}: {error.strerror}") from error


class SecretStore(msgspec.Struct):
    """A Secret of the pod's namespace, changed by the pod's own account."""

    secrets: Secrets
    name: str
    _version: str = ""

    def read(self) -> list[Entry]:
        """See KeyStore."""
        try:
            found = self.secrets.find(self.name)
        except ApiError as error:
            raise KeyStoreError(str(error)) from error
        if found is None:
            raise KeyStoreError(f"there is no secret {self.name}")
        self._version = found.version
        return entries_of(found.data.get(FILE, ""), f"secret {self.name}")

    def write(self, entries: list[Entry]) -> None:
        """See KeyStore."""
        try:
            self.secrets.update(self.name, {FILE: text_of(entries)}, self._version)
        except ApiConflict as error:
            raise StoreChanged(str(error)) from error
        except ApiError as error:
            raise KeyStoreError(str(error)) from error


def store_of(settings: KeyAdministration, keys_file: Path | None) -> KeyStore | None:
    """Where the edge itself may change keys; None: nowhere. Raises KeyStoreError outside of a cluster."""
    if not settings.enabled:
        return None
    if settings.secret:
        try:
            return SecretStore(Secrets.of_pod(), settings.secret)
        except ApiError as error:
            raise KeyStoreError(str(error)) from error
    return FileStore(keys_file) if keys_file is not None else None


def entries_of(text: str, name: str) -> list[Entry]:
    """The entries of a file of keys called `name`. Raises KeyStoreError."""
    try:
        found = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise KeyStoreError(f"{name}: not YAML: {error}") from error
    entries = found.get("keys") if isinstance(found, dict) else found
    if not isinstance(entries, list):
        raise KeyStoreError(f"{name}: `keys` is not a list")
    return entries


def text_of(entries: list[Entry]) -> str:
    """The text of a file of keys."""
    text: str = yaml.safe_dump({"keys": entries}, sort_keys=False)
    return text
