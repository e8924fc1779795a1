"""What each key has used, by day, month and model: counted here, and gathered for all replicas when there is a store.

Counts go to the store about once a second, so no request waits for them and a replica that dies loses little.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.state.client import StateClient

PREFIX: Final = "unigate:usage:"
MAX_MODELS: Final = 500
"""Names that are told apart in one period; further ones are counted together."""
OTHER: Final = "other"
FLUSH_SECONDS: Final = 1.0
DAY: Final = 24 * 3600
RETENTION: Final = (40 * DAY, 400 * DAY)
"""Seconds for which the counts of a day and a month are kept in the store."""
COUNTS: Final = ("requests", "input_tokens", "output_tokens", "cache_read_tokens", "cost_nano_usd")

Counts = dict[str, list[int]]
"""By model, in the order of COUNTS."""


class UsageCounter:
    """All keys' counts of today and this month."""

    def __init__(
        self, client: StateClient | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._now = now
        self._days: dict[tuple[str, str], Counts] = {}
        self._today = (0, "")

    def add(self, tenant: str, model: str, usage: pb.Usage, cost: int) -> None:
        """Count one answer and its cost in nanodollars."""
        day = self._day()
        numbers = (1, usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, cost)
        if (tenant, day) not in self._days and self._client is None:
            self._forget(tenant, day)
        for period in (day, day[:7]):
            _add(self._days.setdefault((tenant, period), {}), model, numbers)

    async def report(self, tenant: str) -> dict[str, Any]:
        """What the key has used, as `GET /v1/usage` tells it. Raises StoreDown."""
        day = self._day()
        month = day[:7]
        if self._client is not None:
            await self.flush()
        today, this_month = [await self._counts(tenant, period) for period in (day, month)]
        return {
            "today": {"date": day, **_named(_sum(today.values()))},
            "this_month": {"month": month, **_named(_sum(this_month.values()))},
            "models": [
                {"model": model, "today": _named(today.get(model)), "this_month": _named(numbers)}
                for model, numbers in sorted(this_month.items())
            ],
        }

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Bring the counts to the store until the end of the context."""
        if self._client is None:
            yield
            return
        task = asyncio.create_task(self._keep_flushing())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self._try_to_flush()

    async def flush(self, *, background: bool = False) -> None:
        """Bring the counts to the store. Raises StoreDown; they are kept then."""
        if not self._days or self._client is None:
            return
        counted, self._days = self._days, {}
        pipeline = self._client.valkey.pipeline(transaction=True)
        for (tenant, period), counts in counted.items():
            key = _key(tenant, period)
            for model, numbers in counts.items():
                for name, number in zip(COUNTS, numbers, strict=True):
                    if number:
                        pipeline.hincrby(key, f"{name}:{model}", number)
            pipeline.expire(key, RETENTION[0] if len(period) > len("2000-01") else RETENTION[1])
        try:
            await self._client.execute(pipeline.execute, background=background)
        except BaseException:
            for place, counts in counted.items():
                for model, numbers in counts.items():
                    _add(self._days.setdefault(place, {}), model, numbers)
            raise

    def _day(self) -> str:
        """Today, written once a day."""
        now = self._now()
        ordinal = now.toordinal()
        if self._today[0] != ordinal:
            self._today = (ordinal, f"{now:%Y-%m-%d}")
        return self._today[1]

    async def _keep_flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_to_flush()

    async def _try_to_flush(self) -> None:
        try:
            await self.flush(background=True)
        except StoreDown:
            return

    async def _counts(self, tenant: str, period: str) -> Counts:
        if self._client is None:
            return self._days.get((tenant, period), {})
        pipeline = self._client.valkey.pipeline(transaction=False)
        pipeline.hgetall(_key(tenant, period))
        (fields,) = await self._client.execute(pipeline.execute)
        counts: Counts = {}
        for field, value in fields.items():
            name, _, model = field.decode().partition(":")
            counts.setdefault(model, [0] * len(COUNTS))[COUNTS.index(name)] += int(value)
        return counts

    def _forget(self, tenant: str, day: str) -> None:
        """Drop what is neither today's nor this month's."""
        for place in [place for place in self._days if place[0] == tenant and place[1] not in (day, day[:7])]:
            del self._days[place]


def _key(tenant: str, period: str) -> str:
    return f"{PREFIX}{{{tenant}}}:{period}"


def _add(counts: Counts, model: str, numbers: Iterable[int]) -> None:
    known = counts.get(model)
    if known is None:
        known = counts.setdefault(model if len(counts) < MAX_MODELS else OTHER, [0] * len(COUNTS))
    for i, number in enumerate(numbers):
        known[i] += number


def _sum(rows: Iterable[list[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)] or [0] * len(COUNTS)


def _named(numbers: list[int] | None) -> dict[str, Any]:
    """Counts by name, money in dollars."""
    row = numbers or [0] * len(COUNTS)
    return {**dict(zip(COUNTS[:-1], row, strict=False)), "cost_usd": row[-1] / 1e9}
