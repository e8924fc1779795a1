"""How late the event loop is: the one delay that all requests of a process share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Histogram

LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
INTERVAL = 0.5


class LoopLag:
    """Measures how much later than asked the loop calls back."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lag = Histogram(
            "unigate_event_loop_lag_seconds",
            "How late the event loop runs a timer, measured twice a second.",
            buckets=LAG_SECONDS,
            registry=registry,
        )
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure the running loop until the end of the context."""
        self._next(asyncio.get_running_loop())
        try:
            yield
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_at(due := loop.time() + INTERVAL, self._called, loop, due)

    def _called(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self._lag.observe(max(0.0, loop.time() - due))
        self._next(loop)
