"""Where a URL leads: scheme, host and port, and the proxy before them. Read once, as vendors are few."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec

_PORTS = {"http": 80, "https": 443}


class Origin(msgspec.Struct, frozen=True):
    """Where requests go. `authority` is how the Host header names it."""

    tls: bool
    host: str
    port: int
    authority: str


def read_origin(url: str) -> Origin | None:
    """The origin of a URL; None for one with a user's name in it. Raises ValueError for what is no HTTP URL."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("not an HTTP URL")
    if "@" in parts.netloc:
        return None
    return Origin(parts.scheme == "https", parts.hostname, parts.port or _PORTS[parts.scheme], parts.netloc)


class Proxies:
    """The environment's proxies, looked up once for each origin."""

    def __init__(self) -> None:
        self._of: dict[str, str | None] = {}

    def of(self, url: str) -> str | None:
        """The proxy for a URL, None where there is none."""
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        if origin not in self._of:
            host = urlsplit(url).hostname or ""
            self._of[origin] = None if proxy_bypass(host) else getproxies().get(scheme)
        return self._of[origin]
