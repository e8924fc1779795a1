"""Where a provider's calls go and with which credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from unigate_adapter.authentication.credentials import Credentials
from unigate_adapter.provider import Provider
from unigate_core.errors import GatewayError

_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """The versioned base URL and the operator's keys. Its repr is left out on purpose: it would tell the keys."""

    provider: Provider
    base: str
    credentials: Credentials

    @property
    def key(self) -> str:
        """The first of the operator's keys, empty when there is none."""
        return self.credentials.keys[0] if self.credentials.keys else ""

    @classmethod
    def of(cls, provider: Provider, base_url: str, key: str | Credentials) -> Target:
        """`base_url` as the vendor's own SDK takes it; the version segment is added when it ends without one."""
        base = (base_url or provider.base_url).rstrip("/")
        if provider.version and not _VERSION.fullmatch(base.rsplit("/", 1)[-1]):
            base = f"{base}/{provider.version}"
        return cls(provider, base, Credentials([key]) if isinstance(key, str) else key)

    def url(self, path: str) -> str:
        """The URL of a path below the versioned base."""
        return f"{self.base}/{path.lstrip('/')}"

    def headers(self, client_credential: str) -> Mapping[str, str]:
        """Authentication: the client's own key where the edge let it through, else the operator's.

        Raises GatewayError when there is none.
        """
        key = client_credential or self.credentials.acquire()
        if not key and self.provider.key_required:
            raise GatewayError(
                f"No API key is configured for {self.provider.name}.",
                status=502,
                type="server_error",
                code="upstream_auth_error",
            )
        return self.provider.credentials(key) if key else {}
