"""One connection pool to Valkey or Redis that is left alone while it fails: nobody waits for what does not answer.

After a failure one request a second tries again; the first that succeeds lets all others back.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

import structlog
from valkey.asyncio import BlockingConnectionPool, Valkey
from valkey.exceptions import ValkeyError

from unigate_edge.state.store import StoreDown

PAUSE = 1.0
"""Seconds in which a store that has failed is not asked again."""
CONNECTIONS = 64

log = structlog.get_logger("unigate.edge")

T = TypeVar("T")
Turn = Literal["up", "down"]


class Link:
    """The client, and whether it is worth asking. `changed` is told when that turns."""

    def __init__(
        self,
        client: Valkey,
        changed: Callable[[Turn], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self.up = True
        self.failures = 0
        self._changed = changed
        self._clock = clock
        self._again = float("-inf")

    async def ask(self, command: Callable[[], Awaitable[T]]) -> T:
        """The command's answer. Raises StoreDown, without asking when it failed a moment ago."""
        if not self.up:
            now = self._clock()
            if now < self._again:
                raise StoreDown("it failed a moment ago")
            self._again = now + PAUSE
        try:
            answer = await command()
        except (ValkeyError, OSError) as error:
            self._failed(error)
            raise StoreDown(type(error).__name__) from error
        if not self.up:
            self.up = True
            log.info("state_store_back")
            self._changed("up")
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()
        await self.client.connection_pool.disconnect()

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._again = self._clock() + PAUSE
        if self.up:
            self.up = False
            log.warning("state_store_down", reason=type(error).__name__)
            self._changed("down")


def open_link(url: str, patience: float, changed: Callable[[Turn], None] = lambda _: None) -> Link:
    """A link that connects when it is first used. Raises ValueError for what is no such URL."""
    pool = BlockingConnectionPool.from_url(
        url.replace("valkey://", "redis://", 1).replace("valkeys://", "rediss://", 1),
        max_connections=CONNECTIONS,
        timeout=patience,
        socket_timeout=patience,
        socket_connect_timeout=patience,
    )
    return Link(Valkey(connection_pool=pool), changed)
