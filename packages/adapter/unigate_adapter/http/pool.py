"""The connections to one origin: kept open while they are used, made anew where there is none."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohappyeyeballs

from unigate_adapter.http.client import CONNECT_SECONDS, IDLE_CONNECTION_SECONDS, TIMED_OUT, UNREACHABLE
from unigate_adapter.http.connection import Connection
from unigate_adapter.http.origin import Origin
from unigate_core.errors import UpstreamTimeout, UpstreamUnreachable

HAPPY_EYEBALLS_SECONDS = 0.25
"""After which the next of a host's addresses is tried beside the one that does not answer."""
SWEEP_SECONDS = 5.0
ADDRESS_SECONDS = 10.0
"""For which a host's addresses are not asked for again."""
# a vendor that thinks for minutes is not taken for gone by what stands between, and one that is gone is noticed
_KEEP_ALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))
        if hasattr(socket, name)
    ),
]
Addresses = Sequence[tuple[int, int, int, str, Any]]


class ConnectionPool:
    """The connections to one origin. The one that was used last is used first, so that the others may end."""

    def __init__(self, origin: Origin, trust: Callable[[], Awaitable[ssl.SSLContext]], max_bytes: int) -> None:
        """`trust` gives the certificates that the host is held to."""
        self.origin = origin
        self._trust = trust
        self._max_bytes = max_bytes
        self._loop = asyncio.get_running_loop()
        self._open: set[Connection] = set()
        self._idle: list[Connection] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._addresses: asyncio.Future[Addresses] | None = None
        self._addresses_until = 0.0
        self._turn = -1

    async def take(self) -> Connection:
        """A connection for one request. Raises UpstreamUnreachable, UpstreamTimeout."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await self._connect()
        except TimeoutError as error:
            raise UpstreamTimeout(TIMED_OUT) from error
        except (OSError, ValueError) as error:
            raise UpstreamUnreachable(UNREACHABLE) from error

    async def close(self) -> None:
        """Close all of them."""
        if self._sweep is not None:
            self._sweep.cancel()
        for connection in list(self._open):
            connection.close()
        # a transport closes its socket in the loop's next turn
        await asyncio.sleep(0)

    def _release(self, connection: Connection) -> None:
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep = self._loop.call_later(SWEEP_SECONDS, self._close_old)

    def _close_old(self) -> None:
        """Close what was idle for long; the vendor would, in the moment in which it is used again."""
        least = self._loop.time() - IDLE_CONNECTION_SECONDS
        kept = []
        for connection in self._idle:
            if connection.idle_since >= least and not connection.closed:
                kept.append(connection)
            else:
                connection.close()
        self._idle = kept
        self._sweep = self._loop.call_later(SWEEP_SECONDS, self._close_old) if kept else None

    async def _connect(self) -> Connection:
        origin, loop = self.origin, self._loop
        addresses = await self._resolve()
        context = await self._trust() if origin.tls else None
        connected = await aiohappyeyeballs.start_connection(
            addresses, happy_eyeballs_delay=HAPPY_EYEBALLS_SECONDS, loop=loop
        )
        try:
            for option in _KEEP_ALIVE:
                connected.setsockopt(*option)
            _, connection = await loop.create_connection(
                lambda: Connection(loop, self._release, self._open.discard, self._max_bytes),
                sock=connected,
                ssl=context,
                server_hostname=origin.host if context else None,
            )
        except BaseException:
            connected.close()
            raise
        self._open.add(connection)
        return connection

    async def _resolve(self) -> Addresses:
        """The host's addresses, asked for once by all that connect at about the same time."""
        known = self._addresses
        if known is None or (known.done() and (self._loop.time() > self._addresses_until or known.exception())):
            known = self._addresses = asyncio.ensure_future(resolve(self.origin.host, self.origin.port))
            self._addresses_until = self._loop.time() + ADDRESS_SECONDS
        addresses = await asyncio.shield(known)
        # vendors spread their load by the order of their addresses
        self._turn += 1
        first = self._turn % len(addresses)
        return [*addresses[first:], *addresses[:first]]


async def resolve(host: str, port: int) -> Addresses:
    """A host's addresses. Raises OSError."""
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
