"""One client of the shared store for all of the edge: one timeout, one circuit breaker, one gauge.

A request waits for the store no longer than `timeout` in all, however many commands it needs. While the store is
down no request waits at all: a task in the background tries it until it answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from unigate_core.telemetry.logs import get_logger
from unigate_edge.state.blob_store import StoreDown

if TYPE_CHECKING:
    from valkey.asyncio import Valkey

RETRY_SECONDS = 1.0
"""Between two tries of a store that is down."""
CONNECTIONS = 64

log = get_logger("unigate.edge")

T = TypeVar("T")
ConnectionState = Literal["up", "down"]


class Waited:
    """Seconds that one request has waited for the store so far."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0


_waited: ContextVar[Waited | None] = ContextVar("state_waited", default=None)


def begin_request() -> None:
    """Count from now on how long the current task, and those that it starts, wait for the store together."""
    _waited.set(Waited())


class StateClient:
    """The connections, and whether the store is worth asking. `changed` is called when that changes."""

    def __init__(
        self,
        client: Valkey,
        timeout: float,
        *,
        failures: tuple[type[Exception], ...] = (OSError,),
        changed: Callable[[ConnectionState], None] = lambda _: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """`failures` is what commands raise that got no answer; `failed` is called for each."""
        self._failures = failures
        self.valkey = client
        self.timeout = timeout
        self.up = True
        self._changed = changed
        self._failed = failed
        self._probe: asyncio.Task[None] | None = None

    async def execute(self, command: Callable[[], Awaitable[T]], *, background: bool = False) -> T:
        """The command's answer. Raises StoreDown, at once while the store is down.

        A command in the background has the whole timeout, whatever the current request has waited already.
        """
        if not self.up:
            self._failed()
            raise StoreDown("it failed a moment ago")
        waited = None if background else _waited.get()
        left = self.timeout - waited.seconds if waited is not None else self.timeout
        if left <= 0:
            self._failed()
            raise StoreDown("the request has already waited for it too long")
        started = time.perf_counter()
        try:
            async with asyncio.timeout(left):
                return await command()
        except self._failures as error:
            self._failed()
            # a store that is only slower than what is left of the request's time is not down
            if not isinstance(error, TimeoutError) or left >= self.timeout / 2:
                self._down(error)
            raise StoreDown(type(error).__name__, sent=True) from error
        finally:
            if waited is not None:
                waited.seconds += time.perf_counter() - started

    async def close(self) -> None:
        """Close the connections."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.gather(self._probe, return_exceptions=True)
        await self.valkey.aclose()
        await self.valkey.connection_pool.disconnect()

    def _down(self, error: Exception) -> None:
        if not self.up:
            return
        self.up = False
        log.warning("state_store_down", reason=type(error).__name__)
        self._changed("down")
        self._probe = asyncio.create_task(self._try_until_up())

    async def _try_until_up(self) -> None:
        while not self.up:
            await asyncio.sleep(RETRY_SECONDS)
            with suppress(*self._failures):
                async with asyncio.timeout(self.timeout):
                    await self.valkey.ping()
                self.up = True
        log.info("state_store_up")
        self._changed("up")


def open_state_client(url: str, timeout: float, **listeners: Any) -> StateClient:
    """A client that connects when it is first used. Raises ValueError for what is no such URL.

    `timeout` in seconds; `listeners` as of StateClient.
    """
    # few edges share a store, and the library takes 3 MB
    from valkey.asyncio import BlockingConnectionPool, Valkey  # noqa: PLC0415
    from valkey.exceptions import ValkeyError  # noqa: PLC0415

    pool = BlockingConnectionPool.from_url(
        url.replace("valkey://", "redis://", 1).replace("valkeys://", "rediss://", 1),
        max_connections=CONNECTIONS,
        # the client's own timeout covers waiting for a connection, connecting and the answer together
        timeout=None,
    )
    return StateClient(Valkey(connection_pool=pool), timeout, failures=(ValkeyError, OSError), **listeners)
