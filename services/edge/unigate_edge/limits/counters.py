"""Where limits are counted: what counters do, and those kept in this process.

A window is 60 seconds long and counted in buckets of one second, the one that is being left counts whole: so no span
of 60 seconds ever has more than the limit, and at most a sixtieth of it is lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from unigate_edge.limits.reservations import BUDGETS, WINDOWED, Decision, LimitUsage, Reservation

WINDOW = 60


class Counters(Protocol):
    """Reservations are granted all together or not at all."""

    async def reserve(self, reservations: Sequence[Reservation], lease: str) -> Decision:
        """Reserve all of a call that is named by its lease, or report which one is too much. Raises StoreDown."""

    async def settle(self, reservations: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """End the call: count what it used of each kind instead of what was reserved. Raises StoreDown."""


class LocalCounters:
    """Counters of one process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._windows: dict[str, dict[int, int]] = {}
        self._running: dict[str, int] = {}
        self._spent: dict[str, int] = {}

    async def reserve(self, reservations: Sequence[Reservation], lease: str) -> Decision:
        """Reserve all, or report which one is too much."""
        now = self._clock()
        second = int(now)
        usages = tuple(self._usage(reservation, now) for reservation in reservations)
        for reservation, usage in zip(reservations, usages, strict=True):
            if exceeds(reservation, usage.used):
                return Decision(reservation, usages, second)
        for reservation in reservations:
            self._add(reservation, second, reservation.amount)
        return Decision(None, usages, second)

    async def settle(self, reservations: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """Count what was used instead of what was reserved."""
        for reservation in reservations:
            if reservation.kind == "concurrent":
                self._add(reservation, at, -1)
            elif reservation.kind in used:
                self._add(reservation, at, used[reservation.kind] - reservation.amount)

    def _add(self, reservation: Reservation, second: int, amount: int) -> None:
        if reservation.kind in WINDOWED:
            window = self._windows.setdefault(reservation.key, {})
            window[second] = window.get(second, 0) + amount
        elif reservation.kind == "concurrent":
            self._running[reservation.key] = max(0, self._running.get(reservation.key, 0) + amount)
        else:
            if reservation.key not in self._spent:
                self._forget_before(reservation.key)
            self._spent[reservation.key] = self._spent.get(reservation.key, 0) + amount

    def _forget_before(self, key: str) -> None:
        """Drop the budget's earlier days, or months."""
        name = key.rpartition(":")[0]
        for old in [old for old in self._spent if old.rpartition(":")[0] == name and len(old) == len(key)]:
            del self._spent[old]

    def _usage(self, reservation: Reservation, now: float) -> LimitUsage:
        if reservation.kind == "concurrent":
            return LimitUsage(self._running.get(reservation.key, 0), retry=1.0)
        if reservation.kind in BUDGETS:
            return LimitUsage(self._spent.get(reservation.key, 0))
        window = self._windows.get(reservation.key, {})
        for second in [second for second in window if second < int(now) - WINDOW]:
            del window[second]
        return window_usage(reservation, sorted(window.items()), now)


def exceeds(reservation: Reservation, used: int) -> bool:
    """Tell whether a reservation is too much. Where nothing is left, a reservation of nothing is too much as well."""
    return used + reservation.amount > reservation.limit or (used >= reservation.limit and reservation.kind != "tokens")


def window_usage(reservation: Reservation, buckets: Sequence[tuple[int, int]], now: float) -> LimitUsage:
    """How a window stands, from its buckets in order of time."""
    used = sum(amount for _, amount in buckets)
    reset = retry = 0.0
    excess = used + reservation.amount - reservation.limit
    for second, amount in buckets:
        if amount <= 0:
            continue
        reset = second + WINDOW + 1 - now
        if excess > 0:
            excess -= amount
            retry = reset
    return LimitUsage(used, reset, retry)
