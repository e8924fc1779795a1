"""What each key has used, by day, month, kind and model: counted here, and gathered for all replicas in the store.

Counts go to the store about once a second, so no request waits for them and a replica that dies loses little.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.state.client import StateClient

PREFIX: Final = "unigate:used:"
COMPLETIONS: Final = "completions"
KINDS: Final[Mapping[str, str]] = {
    "embeddings": "embeddings",
    "moderations": "moderations",
    "images_generations": "images",
    "images_edits": "images",
    "images_variations": "images",
    "audio_speech": "audio_speeches",
    "audio_transcriptions": "audio_transcriptions",
    "audio_translations": "audio_transcriptions",
}
"""What an operation counts as; all others are completions. The kinds are those of OpenAI's reports of usage."""
MAX_MODELS: Final = 500
"""Names of one key that are counted apart in one period; further ones are counted together."""
OTHER: Final = "other"
FLUSH_SECONDS: Final = 1.0
DAY: Final = 24 * 3600
RETENTION: Final = (100 * DAY, 400 * DAY)
"""Seconds for which the counts of a day and a month are kept in the store."""
LOCAL_DAYS: Final = 31
"""Days that are kept in this process where there is no store."""
MAX_ROWS: Final = 4096
"""Whose place is remembered between two requests."""
MAX_LOCAL: Final = 20_000
"""Days and months of keys that are kept then, the newest."""
COUNTS: Final = (
    "requests",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cost_nano_usd",
    "cache_write_tokens",
    "input_audio_tokens",
    "output_audio_tokens",
    "units",
)
"""`units`: images, characters or seconds, by the kind."""
REPORTED: Final = 5
"""So many of them are reported to a key's holder."""
KEYS_AT_ONCE: Final = 500

Counts = dict[tuple[str, str], list[int]]
"""By kind and model, in the order of COUNTS."""


class UsageCounter:
    """All keys' counts of today and this month."""

    def __init__(
        self, client: StateClient | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._now = now
        self._days: dict[tuple[str, str], Counts] = {}
        self._today = (0, "")
        # of today and this month, by key, operation and model
        self._rows: dict[tuple[str, str, str], tuple[list[int], list[int]]] = {}

    def add(self, tenant: str, model: str, usage: pb.Usage, cost: int, operation: str = "chat", units: int = 0) -> None:
        """Count one answer, its cost in nanodollars and how many units of its kind it is."""
        day = self._day()
        numbers = (
            1,
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_tokens,
            cost,
            usage.cache_write_tokens,
            usage.input_audio_tokens,
            usage.output_audio_tokens,
            units,
        )
        for row in self._rows.get((tenant, operation, model)) or self._find_rows(tenant, operation, model, day):
            add_to(row, numbers)

    def _find_rows(self, tenant: str, operation: str, model: str, day: str) -> tuple[list[int], list[int]]:
        if (tenant, day) not in self._days and self._client is None:
            self._forget(tenant, day)
        place = (KINDS.get(operation, COMPLETIONS), model)
        rows = (
            _row(self._days.setdefault((tenant, day), {}), place),
            _row(self._days.setdefault((tenant, day[:7]), {}), place),
        )
        if len(self._rows) >= MAX_ROWS:
            self._rows.clear()
        self._rows[tenant, operation, model] = rows
        return rows

    async def report(self, tenant: str) -> dict[str, Any]:
        """What the key has used, as `GET /v1/usage` reports it. Raises StoreDown."""
        day = self._day()
        month = day[:7]
        if self._client is not None:
            await self.flush()
        today, this_month = [_by_model(each) for each in await self._counts([(tenant, day), (tenant, month)])]
        return {
            "today": {"date": day, **_named(_sum(today.values()))},
            "this_month": {"month": month, **_named(_sum(this_month.values()))},
            "models": [
                {"model": model, "today": _named(today.get(model)), "this_month": _named(numbers)}
                for model, numbers in sorted(this_month.items())
            ],
        }

    async def days(self, days: Sequence[date]) -> list[dict[str, Counts]]:
        """What each key has used on each of some days. Raises StoreDown."""
        if self._client is None:
            return [{t: self._days[t, p] for t, p in self._days if p == day.isoformat()} for day in days]
        await self.flush()
        pipeline = self._client.valkey.pipeline(transaction=False)
        for day in days:
            pipeline.smembers(_index(day.isoformat()))
        tenants = await self._client.execute(pipeline.execute)
        places = [
            (tenant.decode(), day.isoformat())
            for day, members in zip(days, tenants, strict=True)
            for tenant in sorted(members)
        ]
        found: dict[str, dict[str, Counts]] = {day.isoformat(): {} for day in days}
        for i in range(0, len(places), KEYS_AT_ONCE):
            part = places[i : i + KEYS_AT_ONCE]
            for (tenant, period), counts in zip(part, await self._counts(part), strict=True):
                found[period][tenant] = counts
        return list(found.values())

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
        self._rows.clear()
        pipeline = self._client.valkey.pipeline(transaction=True)
        for (tenant, period), counts in counted.items():
            key = _key(tenant, period)
            for (kind, model), numbers in counts.items():
                for name, number in zip(COUNTS, numbers, strict=True):
                    if number:
                        pipeline.hincrby(key, f"{name}:{kind}:{model}", number)
            is_day = len(period) > len("2000-01")
            pipeline.expire(key, RETENTION[0] if is_day else RETENTION[1])
            if is_day:
                pipeline.sadd(_index(period), tenant)
                pipeline.expire(_index(period), RETENTION[0])
        try:
            await self._client.execute(pipeline.execute, background=background)
        except BaseException:
            for period_of_key, counts in counted.items():
                for place, numbers in counts.items():
                    add_to(_row(self._days.setdefault(period_of_key, {}), place), numbers)
            raise

    def _day(self) -> str:
        """Today, written once a day."""
        now = self._now()
        ordinal = now.toordinal()
        if self._today[0] != ordinal:
            self._today = (ordinal, f"{now:%Y-%m-%d}")
            self._rows.clear()
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

    async def _counts(self, places: Sequence[tuple[str, str]]) -> list[Counts]:
        """The counts of keys in periods. Raises StoreDown."""
        if self._client is None:
            return [self._days.get(place, {}) for place in places]
        pipeline = self._client.valkey.pipeline(transaction=False)
        for tenant, period in places:
            pipeline.hgetall(_key(tenant, period))
        return [_of_fields(fields) for fields in await self._client.execute(pipeline.execute)]

    def _forget(self, tenant: str, day: str) -> None:
        """Drop the key's other months and days that are too old, and the oldest of all when there are too many."""
        first = (date.fromisoformat(day) - timedelta(days=LOCAL_DAYS - 1)).isoformat()
        old = [
            (name, period)
            for name, period in self._days
            if name == tenant and (period < first if len(period) == len(day) else period != day[:7])
        ]
        self._rows.clear()
        for place in old:
            del self._days[place]
        while len(self._days) >= MAX_LOCAL:
            del self._days[next(iter(self._days))]


def _key(tenant: str, period: str) -> str:
    return f"{PREFIX}{{{tenant}}}:{period}"


def _index(day: str) -> str:
    """Where the names of the keys that have used anything on a day are kept."""
    return f"{PREFIX}keys:{day}"


def _of_fields(fields: Mapping[bytes, bytes]) -> Counts:
    counts: Counts = {}
    for field, value in fields.items():
        name, kind, model = field.decode().split(":", 2)
        if name in COUNTS:
            counts.setdefault((kind, model), [0] * len(COUNTS))[COUNTS.index(name)] += int(value)
    return counts


def _by_model(counts: Counts) -> dict[str, list[int]]:
    """The same, whatever the kind."""
    found: dict[str, list[int]] = {}
    for (_, model), numbers in counts.items():
        add_to(found.setdefault(model, [0] * len(COUNTS)), numbers)
    return found


def _row(counts: Counts, place: tuple[str, str]) -> list[int]:
    known = counts.get(place)
    if known is None:
        known = counts.setdefault(place if len(counts) < MAX_MODELS else (place[0], OTHER), [0] * len(COUNTS))
    return known


def add_to(row: list[int], numbers: Iterable[int]) -> None:
    """Add counts to those of a row."""
    for i, number in enumerate(numbers):
        row[i] += number


def _sum(rows: Iterable[list[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)] or [0] * len(COUNTS)


def _named(numbers: list[int] | None) -> dict[str, Any]:
    """Counts by name, money in dollars."""
    row = numbers or [0] * len(COUNTS)
    named: dict[str, Any] = dict(zip(COUNTS[:REPORTED], row, strict=False))
    named["cost_usd"] = named.pop("cost_nano_usd") / 1e9
    return named
