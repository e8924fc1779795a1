"""A key's limits → what one request reserves of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from fnmatch import translate
from typing import Literal

import msgspec

from unigate_edge.config.keys import Budget, KeyLimits, ModelLimits
from unigate_edge.cost.calculator import NANO

Kind = Literal["requests", "tokens", "concurrent", "budget_day", "budget_month"]
WINDOWED: frozenset[Kind] = frozenset({"requests", "tokens"})
BUDGETS: frozenset[Kind] = frozenset({"budget_day", "budget_month"})


class Reservation(msgspec.Struct, frozen=True):
    """So much of one limit. Money is in nanodollars; `key` is where it is counted."""

    kind: Kind
    key: str
    limit: int
    amount: int


class LimitUsage(msgspec.Struct, frozen=True):
    """What is used of a limit without a reservation, and seconds until all of it, or enough of it, is free."""

    used: int
    reset: float = 0.0
    retry: float = 0.0


class Decision(msgspec.Struct, frozen=True):
    """Whether all reservations were granted; None for `refused`: they were. `at` is the second that they count in."""

    refused: Reservation | None
    usages: tuple[LimitUsage, ...]
    at: int


class _Scope(msgspec.Struct, frozen=True):
    """One set of limits, where it is counted and for which models it is."""

    name: str
    limits: ModelLimits
    pattern: re.Pattern[str] | None = None


class KeyLimitScopes:
    """The limits of one key, in the form that requests need."""

    def __init__(self, tenant: str, limits: KeyLimits) -> None:
        # the braces keep all counters of a key on one node of a cluster, as a script needs
        place = f"{{{tenant}}}"
        self._scopes = [_Scope(place, limits)]
        every = [limits, *limits.models.values()]
        self.has_budget = any(one.budget_usd != Budget() for one in every)
        for glob, of_models in limits.models.items():
            self._scopes.append(_Scope(f"{place}:{glob}", of_models, re.compile(translate(glob))))

    def reservations(self, names: tuple[str, ...], tokens: int, cost: int, now: datetime) -> list[Reservation]:
        """What a request for a model of these names reserves, with its tokens and cost in nanodollars."""
        return [
            reservation
            for scope in self._scopes
            if scope.pattern is None or any(scope.pattern.match(name) for name in names)
            for reservation in _reservations(scope, tokens, cost, now)
        ]


def _reservations(scope: _Scope, tokens: int, cost: int, now: datetime) -> Iterator[Reservation]:
    limits, name = scope.limits, scope.name
    if limits.requests_per_minute is not None:
        yield Reservation("requests", f"requests:{name}", limits.requests_per_minute, 1)
    if limits.tokens_per_minute is not None:
        yield Reservation("tokens", f"tokens:{name}", limits.tokens_per_minute, tokens)
    if limits.concurrent_requests is not None:
        yield Reservation("concurrent", f"concurrent:{name}", limits.concurrent_requests, 1)
    if limits.budget_usd.day is not None:
        yield Reservation("budget_day", f"budget:{name}:{now:%Y-%m-%d}", round(limits.budget_usd.day * NANO), cost)
    if limits.budget_usd.month is not None:
        yield Reservation("budget_month", f"budget:{name}:{now:%Y-%m}", round(limits.budget_usd.month * NANO), cost)
