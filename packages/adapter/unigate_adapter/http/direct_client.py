"""The vendor client of the hot path: connections of its own, kept open and used again.

docs/adr/0013-direct-client.md has why. Vendors that are reached through a proxy are left to aiohttp.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from unigate_adapter.http.client import (
    MAX_ANSWER_BYTES,
    OWN_HEADERS,
    UNREACHABLE,
    VendorAnswer,
    VendorClient,
)
from unigate_adapter.http.connection import ConnectionBroken
from unigate_adapter.http.origin import Proxies, read_origin
from unigate_adapter.http.pool import ConnectionPool
from unigate_adapter.http.trust import trusted_context
from unigate_core.errors import UpstreamUnreachable

# what a request's target is made of; all else is quoted
_TARGET = re.compile(r"[!-~]+")
_KEPT = "%/?:@!$&'()*+,;=~-._[]|"
_OWN = {"accept": "*/*", **OWN_HEADERS}
_OWN_LINES = "".join(f"{name}: {value}\r\n" for name, value in _OWN.items())


class DirectClient:
    """The vendor client that connects by itself."""

    def __init__(self, *, max_bytes: int = MAX_ANSWER_BYTES) -> None:
        """`max_bytes`: of a whole answer, after decompression."""
        self._max_bytes = max_bytes
        self._pools: dict[str, ConnectionPool | None] = {}
        self._proxies = Proxies()
        self._context: asyncio.Task[ssl.SSLContext] | None = None
        self._proxied: VendorClient | None = None

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
    ) -> VendorAnswer:
        """See VendorClient."""
        slash = url.find("/", len("https://"))
        origin, target = (url[:slash], url[slash:]) if slash > 0 else (url, "/")
        try:
            pool = self._pools[origin]
        except KeyError:
            pool = self._pools[origin] = self._pool_of(origin)
        if pool is None:
            return await self._by_proxy().send(method, url, headers, body)
        head = _head(method, target, pool.origin.authority, headers, body)
        connection = await pool.take()
        try:
            if isinstance(body, bytes):
                return await connection.request(head, body)
            return await connection.upload(head, body)
        except ConnectionBroken as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        except BaseException:
            connection.abort()
            raise

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            if pool is not None:
                await pool.close()
        if self._proxied is not None:
            await self._proxied.close()

    async def _trust(self) -> ssl.SSLContext:
        """The certificates that vendors are held to, read when the first of them is connected to."""
        context = self._context
        if context is None or (context.done() and context.exception() is not None):
            context = self._context = asyncio.create_task(asyncio.to_thread(trusted_context))
        return await asyncio.shield(context)

    def _pool_of(self, origin: str) -> ConnectionPool | None:
        """The connections to an origin; None where this client cannot connect by itself. Raises UpstreamUnreachable."""
        try:
            read = read_origin(origin)
        except ValueError as error:
            raise UpstreamUnreachable(UNREACHABLE) from error
        return ConnectionPool(read, self._trust, self._max_bytes) if read and self._proxies.of(origin) is None else None

    def _by_proxy(self) -> VendorClient:
        if self._proxied is None:
            from unigate_adapter.http.aiohttp_client import AiohttpClient  # noqa: PLC0415 - few need it

            self._proxied = AiohttpClient(max_bytes=self._max_bytes)
        return self._proxied


def _head(
    method: str, target: str, authority: str, headers: Mapping[str, str], body: bytes | AsyncIterator[bytes]
) -> bytes:
    """A request up to its body. Raises UpstreamUnreachable for a header that would be more than one."""
    if not _TARGET.fullmatch(target):
        # a path that is quoted already stays as it is: signatures cover it
        target = quote(target, safe=_KEPT)
    if not isinstance(body, bytes):
        framing = "transfer-encoding: chunked\r\n"
    else:
        framing = f"content-length: {len(body)}\r\n" if body or method != "GET" else ""
    own = _OWN_LINES
    if not headers.keys().isdisjoint(_OWN):
        own = "".join(f"{name}: {value}\r\n" for name, value in _OWN.items() if name not in headers)
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") != len(headers) or lines.count("\r") != len(headers) or "\0" in lines:
        raise UpstreamUnreachable(UNREACHABLE)
    return f"{method} {target} HTTP/1.1\r\nhost: {authority}\r\n{own}{framing}{lines}\r\n".encode()
