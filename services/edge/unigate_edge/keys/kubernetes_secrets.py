"""Secrets of the namespace that a pod runs in, by the API server and the pod's own token.

https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
"""

from __future__ import annotations

import json
import os
import ssl
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

import msgspec

from unigate_core.json import Json

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
TIMEOUT = 10.0


class ApiError(Exception):
    """The API server refused, or could not be reached; the message says which and what."""


class ApiConflict(ApiError):
    """The object has been changed concurrently."""


class Secret(msgspec.Struct, frozen=True):
    """A Secret's data, decoded, and the version of the object."""

    data: Mapping[str, str]
    version: str


class Secrets(msgspec.Struct, frozen=True):
    """The Secrets of one namespace. `context` None: the server is spoken to plainly."""

    url: str
    namespace: str
    token: str
    context: ssl.SSLContext | None = None

    @classmethod
    def of_pod(cls, account: Path = ACCOUNT) -> Secrets:
        """Those of the namespace of the pod that this runs in. Raises ApiError outside of one."""
        host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
        try:
            token = (account / "token").read_text(encoding="utf-8")
            namespace = (account / "namespace").read_text(encoding="utf-8")
            context = ssl.create_default_context(cafile=str(account / "ca.crt"))
        except OSError as error:
            raise ApiError(f"no account of a pod: {error}") from error
        if not host:
            raise ApiError("KUBERNETES_SERVICE_HOST is not set: this is not a pod")
        address = f"[{host}]" if ":" in host else host
        return cls(f"https://{address}:{port}", namespace.strip(), token.strip(), context)

    def get(self, name: str) -> Mapping[str, str] | None:
        """A Secret's data, decoded; None: there is none. Raises ApiError."""
        found = self.find(name)
        return None if found is None else found.data

    def find(self, name: str) -> Secret | None:
        """A Secret; None: there is none. Raises ApiError."""
        found = self._ask("GET", f"/{name}")
        if found is None:
            return None
        data = {key: b64decode(value).decode() for key, value in (found.get("data") or {}).items()}
        return Secret(data, (found.get("metadata") or {}).get("resourceVersion", ""))

    def create(self, name: str, data: Mapping[str, str], labels: Mapping[str, str]) -> None:
        """Make a Secret. Raises ApiError."""
        metadata = {"name": name, "labels": dict(labels)}
        self._ask("POST", "", {"metadata": metadata, "type": "Opaque", "data": _encoded(data)})

    def update(self, name: str, data: Mapping[str, str], version: str = "") -> None:
        """Set some of a Secret's data, where a version is given only if it is still that. Raises ApiError."""
        metadata = {"metadata": {"resourceVersion": version}} if version else {}
        self._ask("PATCH", f"/{name}", {**metadata, "data": _encoded(data)})

    def _ask(self, method: str, path: str, body: Json | None = None) -> Json | None:
        url = f"{self.url}/api/v1/namespaces/{self.namespace}/secrets{path}"
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        request = urllib.request.Request(  # noqa: S310 - the address of the API server
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self.token}", "content-type": kind, "accept": "application/json"},
        )
        # no proxy of the environment stands before the API server
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context)
        )
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                decoded: Json = json.load(answer)
                return decoded
        except urllib.error.HTTPError as error:
            if error.code == 404 and method == "GET":
                return None
            failure = ApiConflict if error.code == 409 else ApiError
            raise failure(f"{method} secret{path}: {error.code} {error.reason}") from error
        except (OSError, ValueError) as error:
            raise ApiError(f"{method} secret{path}: {error}") from error


def _encoded(data: Mapping[str, str]) -> dict[str, str]:
    return {key: b64encode(value.encode()).decode() for key, value in data.items()}
