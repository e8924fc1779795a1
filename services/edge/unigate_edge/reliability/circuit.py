"""Circuit breakers, one for each provider and model that has failed lately; a healthy one costs nothing.

closed → open when too much fails → half open after a while: one probe → closed again, or open.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from unigate_edge.config.reliability import Circuit

MAX_BREAKERS = 512
"""Breakers kept; names of models are the clients' words."""


class State(IntEnum):
    """The states, and the values of their metric."""

    CLOSED = 0
    OPEN = 1
    HALF_OPEN = 2


class Breaker:
    """One circuit. Times are seconds of any clock that does not jump."""

    def __init__(self, settings: Circuit, now: float) -> None:
        self.settings = settings
        self.state = State.CLOSED
        self._began = now
        self._failures = 0
        self._calls = 0
        self._until = now

    def try_acquire(self, now: float) -> float:
        """Seconds until a call may be tried, 0 when this one may be. A half-open circuit lets one probe through."""
        if self.state is State.CLOSED:
            return 0
        if now < self._until:
            return self._until - now
        self.state = State.HALF_OPEN
        # a probe that never reports back is followed by another
        self._until = now + self.settings.open
        return 0

    def blocked(self, now: float) -> bool:
        """Whether a call would have to wait. Takes no probe's place."""
        return self.state is not State.CLOSED and now < self._until

    def failed(self, now: float) -> None:
        """A call has failed."""
        if self.state is State.HALF_OPEN:
            self._open(now)
            return
        self._count(now)
        self._failures += 1
        enough = self._failures >= self.settings.failures > 0
        if self.state is State.CLOSED and enough and self._failures >= self.settings.ratio * self._calls:
            self._open(now)

    def succeeded(self, now: float) -> bool:
        """A call went well; returns whether there is nothing left to remember."""
        if self.state is State.OPEN:
            # an answer of before it opened
            return False
        if self.state is State.HALF_OPEN:
            self.state = State.CLOSED
            return True
        self._count(now)
        return self._failures == 0

    def _open(self, now: float) -> None:
        self.state = State.OPEN
        self._until = now + self.settings.open
        self._failures = self._calls = 0

    def _count(self, now: float) -> None:
        if now - self._began > self.settings.window:
            self._began, self._failures, self._calls = now, 0, 0
        self._calls += 1


class Circuits:
    """The breakers by provider and model."""

    def __init__(
        self,
        settings: Circuit,
        changed: Callable[[str, str, State | None], None] = lambda *_: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`changed` is called with each new state, None when a circuit is forgotten."""
        self._settings = settings
        self._changed = changed
        self._clock = clock
        self._breakers: OrderedDict[tuple[str, str], Breaker] = OrderedDict()

    def configure(self, settings: Circuit) -> None:
        """Go on with other settings."""
        self._settings = settings
        for breaker in self._breakers.values():
            breaker.settings = settings

    def try_acquire(self, provider: str, model: str) -> float:
        """Seconds for which the model is to be left alone; 0: ask it."""
        if not self._breakers:
            return 0
        return self._report(provider, model, Breaker.try_acquire) or 0

    def blocked(self, provider: str, model: str) -> bool:
        """Whether the model is to be left alone, for those who have a choice."""
        return bool(self._breakers and self._report(provider, model, Breaker.blocked))

    def failed(self, provider: str, model: str) -> None:
        """A call of the model has failed for a reason that is its own."""
        if not self._settings.failures:
            return
        key = (provider, model)
        if key not in self._breakers:
            self._breakers[key] = Breaker(self._settings, self._clock())
            if len(self._breakers) > MAX_BREAKERS:
                self._changed(*self._breakers.popitem(last=False)[0], None)
        self._report(provider, model, Breaker.failed)

    def succeeded(self, provider: str, model: str) -> None:
        """A call of the model was answered."""
        if self._breakers and self._report(provider, model, Breaker.succeeded):
            del self._breakers[provider, model]

    def _report(self, provider: str, model: str, event: Callable[[Breaker, float], Any]) -> Any:
        breaker = self._breakers.get((provider, model))
        if breaker is None:
            return None
        before = breaker.state
        outcome = event(breaker, self._clock())
        if breaker.state is not before:
            self._changed(provider, model, breaker.state)
        return outcome
