"""Load shedding: what exceeds what this process can serve well is answered 503 at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Counter

from unigate_core.errors import SERVER_ERROR, GatewayError
from unigate_edge.config.reliability import Shedding

POLL_INTERVAL = 0.1


class Shedder:
    """Counts requests, and looks how late the event loop is."""

    def __init__(self, settings: Shedding, registry: CollectorRegistry) -> None:
        self._refusals = Counter(
            "unigate_requests_shed", "Requests refused to protect others.", ("reason",), registry=registry
        )
        self._limit = float("inf")
        self._max_lag: float | None = None
        self._look: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = 0.0
        self._max_bytes = float("inf")
        self.in_flight = 0
        self.body_bytes = 0
        self.lag = 0.0
        self.configure(settings)

    def configure(self, settings: Shedding) -> None:
        """Go on with other settings."""
        self._limit = float("inf") if settings.max_in_flight is None else settings.max_in_flight
        self._max_lag = settings.max_lag
        self._max_bytes = float("inf") if settings.max_body_bytes is None else settings.max_body_bytes
        if self._loop is not None and self._max_lag is not None and self._look is None:
            self._watch()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Watch the running event loop until the end of the context."""
        self._loop = asyncio.get_running_loop()
        if self._max_lag is not None:
            self._watch()
        try:
            yield
        finally:
            self._loop = None
            if self._look is not None:
                self._look.cancel()

    def enter(self) -> None:
        """Count a request; call `leave` when it ends. Raises GatewayError if overloaded: the request is not counted."""
        if self.in_flight >= self._limit:
            raise self._refused("in_flight")
        if self._max_lag is not None and self.lag > self._max_lag:
            raise self._refused("lag")
        self.in_flight += 1

    def leave(self) -> None:
        """A request is over."""
        self.in_flight -= 1

    def hold(self, size: int) -> None:
        """Bytes of a body are held in memory; `let_go` must follow. Raises GatewayError when there are too many."""
        if self.body_bytes + size > self._max_bytes:
            raise self._refused("body_bytes")
        self.body_bytes += size

    def let_go(self, size: int) -> None:
        """Bytes of a body are no longer held."""
        self.body_bytes -= size

    def late(self, seconds: float) -> None:
        """The loop was late; one hiccup counts by half, so that only what lasts is shed."""
        self.lag = (self.lag + seconds) / 2

    def _watch(self) -> None:
        assert self._loop is not None  # noqa: S101
        self._due = self._loop.time() + POLL_INTERVAL
        self._look = self._loop.call_at(self._due, self._looked)

    def _looked(self) -> None:
        self._look = None
        if self._loop is None or self._max_lag is None:
            self.lag = 0.0
            return
        self.late(max(0.0, self._loop.time() - self._due))
        self._watch()

    def _refused(self, reason: str) -> GatewayError:
        self._refusals.labels(reason).inc()
        return GatewayError(
            "The gateway is overloaded. Please try again shortly.",
            status=503,
            type=SERVER_ERROR,
            code="overloaded",
            retry_after=1,
        )
