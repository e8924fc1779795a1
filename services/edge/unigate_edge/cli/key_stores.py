"""Where keys are kept: a file as `keys_file` names it, or a Kubernetes Secret by kubectl and the user's own rights."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from unigate_edge.cli.remote import Failed

Entry = dict[str, Any]
FILE = "keys.yaml"
"""The Secret's key under which the chart looks for keys."""


class KeyStore(Protocol):
    """The entries of some place."""

    def read(self) -> list[Entry]:
        """All entries. Raises Failed."""

    def write(self, entries: list[Entry]) -> None:
        """Put these in place of them. Raises Failed."""


@dataclass(frozen=True)
class FileStore:
    """A file of keys; a new one takes the place of the old at once, so that an edge never reads half of it."""

    path: Path

    def read(self) -> list[Entry]:
        """See KeyStore. No file: no entries."""
        if not self.path.exists():
            return []
        return _entries(self.path.read_text(encoding="utf-8"), str(self.path))

    def write(self, entries: list[Entry]) -> None:
        """See KeyStore."""
        try:
            with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False, encoding="utf-8") as file:
                file.write(_text(entries))
            os.replace(file.name, self.path)  # noqa: PTH105 - the same file system
        except OSError as error:
            raise Failed(f"{self.path}: {error.strerror}") from error


@dataclass(frozen=True)
class SecretStore:
    """A Secret. Whoever may change it is the cluster's to say, and its audit log tells who did."""

    name: str
    namespace: str = ""

    def read(self) -> list[Entry]:
        """See KeyStore."""
        data = json.loads(self._kubectl("get", "secret", self.name, "-o", "json")).get("data") or {}
        return _entries(b64decode(data.get(FILE, "")).decode(), f"secret {self.name}")

    def write(self, entries: list[Entry]) -> None:
        """See KeyStore."""
        patch = {"data": {FILE: b64encode(_text(entries).encode()).decode()}}
        self._kubectl("patch", "secret", self.name, "--type", "merge", "-p", json.dumps(patch))

    def _kubectl(self, *arguments: str) -> str:
        command = ["kubectl", *(["-n", self.namespace] if self.namespace else []), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
        except OSError as error:
            raise Failed("kubectl is needed for --secret, and is not here") from error
        if done.returncode:
            raise Failed(done.stderr.strip() or "kubectl failed")
        return done.stdout


def _entries(text: str, name: str) -> list[Entry]:
    try:
        found = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise Failed(f"{name}: not YAML: {error}") from error
    entries = found.get("keys") if isinstance(found, dict) else found
    if not isinstance(entries, list):
        raise Failed(f"{name}: `keys` is not a list")
    return entries


def _text(entries: list[Entry]) -> str:
    text: str = yaml.safe_dump({"keys": entries}, sort_keys=False)
    return text
