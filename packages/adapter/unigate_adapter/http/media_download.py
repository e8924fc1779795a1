"""One URL of media → its bytes, from a public address only. Apart from what uses it, as few calls need an HTTP client.

The address that was checked is the one that is connected to, also after each redirect, so that a name cannot change its
mind in between. Size, time and redirects are bounded.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from unigate_core.errors import RequestRefused
from unigate_core.media_types import sniff
from unigate_formats.neutral.translation import Fetched

MAX_REDIRECTS = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class Allowance(msgspec.Struct):
    """What the media of one request may still bring together, of `total` bytes."""

    total: int
    used: int = 0


class MediaDownload:
    """Downloads media. `resolve` gives a host's addresses; tests put their own in its place."""

    def __init__(
        self,
        *,
        max_bytes: int,
        seconds: float,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._resolve = resolve or _resolve
        self._client = httpx.AsyncClient(
            transport=transport or _transport(), follow_redirects=False, trust_env=False, timeout=seconds
        )

    @staticmethod
    def allowance(total: int) -> Allowance:
        """The budget of bytes that all downloads of a request share."""
        return Allowance(total)

    async def fetch(self, url: str, path: str, left: Allowance) -> Fetched:
        """The bytes behind a URL, of those that are `left` to the request. Raises RequestRefused naming `path`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(url, path, left)
        except (TimeoutError, httpx.HTTPError) as error:
            raise _failed(path) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _follow(self, url: str, path: str, left: Allowance) -> Fetched:
        for _ in range(MAX_REDIRECTS + 1):
            address, host = await self._public_address(url, path)
            parts = httpx.URL(url)
            request = self._client.build_request(
                "GET",
                parts.copy_with(host=address),
                headers={"host": parts.netloc.decode(), "accept-encoding": "identity"},
                extensions={"sni_hostname": host},
            )
            answer = await self._client.send(request, stream=True)
            try:
                if answer.is_redirect and "location" in answer.headers:
                    url = _target(url, answer.headers["location"], path)
                    continue
                if answer.status_code != 200:
                    raise _failed(path)
                return await self._read(answer, path, left)
            finally:
                await answer.aclose()
        raise _failed(path)

    async def _read(self, answer: httpx.Response, path: str, left: Allowance) -> Fetched:
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            # none was asked for, and a compressed body can be of any size
            raise _failed(path)
        pieces, size = [], 0
        async for piece in answer.aiter_bytes():
            size += len(piece)
            left.used += len(piece)
            if left.used > left.total:
                raise RequestRefused(
                    f"The media of the request are larger than {left.total} bytes in all.",
                    param=path,
                    code="image_too_large",
                )
            if size > self._max_bytes:
                raise RequestRefused(
                    f"The media at '{path}' is larger than {self._max_bytes} bytes.", param=path, code="image_too_large"
                )
            pieces.append(piece)
        data = b"".join(pieces)
        declared = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        return Fetched(sniff(data) or declared or "application/octet-stream", data)

    async def _public_address(self, url: str, path: str) -> tuple[str, str]:
        try:
            parts, _ = urlsplit(url), httpx.URL(url)
        except (ValueError, httpx.InvalidURL) as error:
            raise _refused(path) from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise _refused(path)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            addresses = await self._resolve(parts.hostname, port)
        except (OSError, ValueError, UnicodeError) as error:
            raise _failed(path) from error
        if not addresses or not all(is_public(address) for address in addresses):
            raise _refused(path)
        return addresses[0], parts.hostname


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet, also behind IPv6's ways to write IPv4."""
    try:
        ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in each for each in _SPECIAL)


_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL = [
    ipaddress.ip_network(block)
    for block in (
        "192.88.99.0/24",  # 6to4 relays, given back
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",  # NAT64 of local use
        "100::/63",  # discard-only and dummy
        "2001::/23",  # protocol assignments
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
]
"""Of IANA's special-purpose registries, what Python's own tables of all supported versions do not have.
https://www.iana.org/assignments/iana-ipv6-special-registry"""


def _transport() -> httpx.AsyncBaseTransport:
    # a kept connection is found by its address, and its certificate was verified for another host at that address
    return httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))


def _target(url: str, location: str, path: str) -> str:
    """Where a redirect leads. Raises RequestRefused."""
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise _failed(path) from error


async def _resolve(host: str, port: int) -> Sequence[str]:
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(info[4][0]) for info in infos]


def _refused(path: str) -> RequestRefused:
    return RequestRefused(
        f"The URL at '{path}' is not allowed: it must be http(s) to a public address.",
        param=path,
        code="invalid_image_url",
    )


def _failed(path: str) -> RequestRefused:
    return RequestRefused(f"Error while downloading the URL at '{path}'.", param=path, code="failed_to_download_image")
