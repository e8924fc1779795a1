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
    """Claims are granted all together or not at all."""

    async def reserve(self, claims: Sequence[Reservation], lease: str) -> Decision:
        """Book the claims of a call that is named by its lease, or tell which one is too much. Raises StoreDown."""

    async def settle(self, claims: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """End the call: book what it used of each kind of claim instead of what was reserved. Raises StoreDown."""


class LocalCounters:
    """Counters of one process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._windows: dict[str, dict[int, int]] = {}
        self._running: dict[str, int] = {}
        self._spent: dict[str, int] = {}

    async def reserve(self, claims: Sequence[Reservation], lease: str) -> Decision:
        """Book the claims, or tell which one is too much."""
        now = self._clock()
        second = int(now)
        standings = tuple(self._standing(claim, now) for claim in claims)
        for claim, standing in zip(claims, standings, strict=True):
            if exceeds(claim, standing.used):
                return Decision(claim, standings, second)
        for claim in claims:
            self._book(claim, second, claim.amount)
        return Decision(None, standings, second)

    async def settle(self, claims: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """Book what was used instead of what was reserved."""
        for claim in claims:
            if claim.kind == "concurrent":
                self._book(claim, at, -1)
            elif claim.kind in used:
                self._book(claim, at, used[claim.kind] - claim.amount)

    def _book(self, claim: Reservation, second: int, amount: int) -> None:
        if claim.kind in WINDOWED:
            window = self._windows.setdefault(claim.key, {})
            window[second] = window.get(second, 0) + amount
        elif claim.kind == "concurrent":
            self._running[claim.key] = max(0, self._running.get(claim.key, 0) + amount)
        else:
            if claim.key not in self._spent:
                self._forget_before(claim.key)
            self._spent[claim.key] = self._spent.get(claim.key, 0) + amount

    def _forget_before(self, key: str) -> None:
        """Drop the budget's earlier days, or months."""
        name = key.rpartition(":")[0]
        for old in [old for old in self._spent if old.rpartition(":")[0] == name and len(old) == len(key)]:
            del self._spent[old]

    def _standing(self, claim: Reservation, now: float) -> LimitUsage:
        if claim.kind == "concurrent":
            return LimitUsage(self._running.get(claim.key, 0), retry=1.0)
        if claim.kind in BUDGETS:
            return LimitUsage(self._spent.get(claim.key, 0))
        window = self._windows.get(claim.key, {})
        for second in [second for second in window if second < int(now) - WINDOW]:
            del window[second]
        return standing(claim, sorted(window.items()), now)


def exceeds(claim: Reservation, used: int) -> bool:
    """Tell whether a claim is too much. Where nothing is left, a claim of nothing is too much as well."""
    return used + claim.amount > claim.limit or (used >= claim.limit and claim.kind != "tokens")


def standing(claim: Reservation, buckets: Sequence[tuple[int, int]], now: float) -> LimitUsage:
    """How a window stands, from its buckets in order of time."""
    used = sum(amount for _, amount in buckets)
    reset = retry = 0.0
    excess = used + claim.amount - claim.limit
    for second, amount in buckets:
        if amount <= 0:
            continue
        reset = second + WINDOW + 1 - now
        if excess > 0:
            excess -= amount
            retry = reset
    return LimitUsage(used, reset, retry)
