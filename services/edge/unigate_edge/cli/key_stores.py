"""A Kubernetes Secret of keys, changed by kubectl and the user's own rights."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode

import msgspec

from unigate_edge.keys.stores import FILE, Entry, KeyStoreError, StoreChanged, entries_of, text_of


class KubectlStore(msgspec.Struct):
    """A Secret. Whoever may change it is the cluster's to say, and its audit log says who did."""

    name: str
    namespace: str = ""
    _version: str = ""

    def read(self) -> list[Entry]:
        """See KeyStore."""
        found = json.loads(self._kubectl("get", "secret", self.name, "-o", "json"))
        self._version = (found.get("metadata") or {}).get("resourceVersion", "")
        return entries_of(b64decode((found.get("data") or {}).get(FILE, "")).decode(), f"secret {self.name}")

    def write(self, entries: list[Entry]) -> None:
        """See KeyStore."""
        patch = {
            "data": {FILE: b64encode(text_of(entries).encode()).decode()},
            **({"metadata": {"resourceVersion": self._version}} if self._version else {}),
        }
        self._kubectl("patch", "secret", self.name, "--type", "merge", "-p", json.dumps(patch))

    def _kubectl(self, *arguments: str) -> str:
        command = ["kubectl", *(["-n", self.namespace] if self.namespace else []), *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
        except OSError as error:
            raise KeyStoreError("kubectl is needed for --secret, and is not here") from error
        if done.returncode:
            failure = StoreChanged if "Conflict" in done.stderr else KeyStoreError
            raise failure(done.stderr.strip() or "kubectl failed")
        return done.stdout
