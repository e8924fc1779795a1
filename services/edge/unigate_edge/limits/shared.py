"""Counters that all replicas share, in Valkey or Redis.

`limits`, the library for this, counts one limit per call and cannot give back: a request of a limited key would take
five round trips, keep what it took when the next limit refuses it, and its tokens could not be settled. So one small
script makes all reservations of a request together, by the store's own clock, and another corrects them.
https://valkey.io/topics/eval-intro/
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from unigate_edge.limits.counters import WINDOW, window_usage
from unigate_edge.limits.reservations import BUDGETS, WINDOWED, Decision, LimitUsage, Reservation
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.state.client import StateClient

PREFIX: Final = "unigate:limit:"
DAY: Final = 24 * 3600
BUDGET_SECONDS: Final[Mapping[str, int]] = {"budget_day": 2 * DAY, "budget_month": 33 * DAY}

# KEYS: where each reservation is counted. ARGV: lease, window, lease's seconds, then form, limit, amount, strictness
# and life of each reservation. Returns the second, the number of the reservation that is too much or 0, and what is
# used of each limit.
RESERVE: Final = """
local lease, window, lasts = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1])
local refused, usages = 0, {}
for i, key in ipairs(KEYS) do
  local form, limit, amount = ARGV[5 * i - 1], tonumber(ARGV[5 * i]), tonumber(ARGV[5 * i + 1])
  local used = 0
  if form == 'window' then
    local buckets = redis.call('HGETALL', key)
    local live = {}
    for j = 1, #buckets, 2 do
      if tonumber(buckets[j]) < now - window then
        redis.call('HDEL', key, buckets[j])
      else
        used = used + tonumber(buckets[j + 1])
        live[#live + 1] = buckets[j]
        live[#live + 1] = buckets[j + 1]
      end
    end
    usages[i] = live
  elseif form == 'running' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    used = redis.call('ZCARD', key)
    usages[i] = {tostring(used)}
  else
    used = tonumber(redis.call('GET', key) or '0')
    usages[i] = {string.format('%.0f', used)}
  end
  local full = ARGV[5 * i + 2] == '1' and used >= limit
  if refused == 0 and (full or used + amount > limit) then
    refused = i
  end
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    local form, amount, life = ARGV[5 * i - 1], ARGV[5 * i + 1], ARGV[5 * i + 3]
    if form == 'window' then
      redis.call('HINCRBY', key, time[1], amount)
    elseif form == 'running' then
      redis.call('ZADD', key, now + lasts, lease)
    else
      redis.call('INCRBY', key, amount)
    end
    redis.call('EXPIRE', key, life)
  end
end
return {time[1], time[2], refused, usages}
"""

# KEYS as above. ARGV: lease, second, window, then form and correction of each reservation.
SETTLE: Final = """
local lease, at = ARGV[1], ARGV[2]
local expired = tonumber(redis.call('TIME')[1]) - tonumber(ARGV[3]) > tonumber(at)
for i, key in ipairs(KEYS) do
  local form, change = ARGV[2 * i + 2], ARGV[2 * i + 3]
  if form == 'running' then
    redis.call('ZREM', key, lease)
  elseif form == 'window' then
    if not expired and change ~= '0' then
      redis.call('HINCRBY', key, at, change)
    end
  elseif change ~= '0' then
    redis.call('INCRBY', key, change)
  end
end
"""


MAX_UNSETTLED: Final = 10_000


class Settlement(msgspec.Struct, frozen=True):
    """The end of a call, to be written to the store."""

    reservations: Sequence[Reservation]
    lease: str
    at: int
    used: Mapping[str, int]


class SharedCounters:
    """Counters in the shared store.

    What could not be written while the store was down is written when it is back, so that no call counts as running
    that has ended, and what was reserved is not taken for used.
    """

    def __init__(self, client: StateClient, lease_seconds: int) -> None:
        """Seconds for which a call counts as running that was never ended, because its replica died."""
        self.lease_seconds = lease_seconds
        self._client = client
        self._reserve = client.valkey.register_script(RESERVE)
        self._settle = client.valkey.register_script(SETTLE)
        self._unsettled: deque[Settlement] = deque(maxlen=MAX_UNSETTLED)
        self._settling: asyncio.Task[None] | None = None

    async def reserve(self, reservations: Sequence[Reservation], lease: str) -> Decision:
        """Reserve all, or report which one is too much. Raises StoreDown."""
        keys = [PREFIX + reservation.key for reservation in reservations]
        arguments: list[Any] = [lease, WINDOW, self.lease_seconds]
        for reservation in reservations:
            strict = 0 if reservation.kind == "tokens" else 1
            arguments += (_form(reservation), reservation.limit, reservation.amount, strict, self._life(reservation))
        try:
            answer = await self._client.execute(lambda: self._reserve(keys=keys, args=arguments))
        except StoreDown as error:
            if error.sent:
                self._unsettled.append(Settlement(reservations, lease, 0, {}))
            raise
        if self._unsettled and self._settling is None:
            self._settling = asyncio.create_task(self._settle_late())
        second, microseconds, refused, rows = answer
        now = int(second) + int(microseconds) / 1_000_000
        usages = tuple(_usage(reservation, row, now) for reservation, row in zip(reservations, rows, strict=True))
        return Decision(reservations[refused - 1] if refused else None, usages, int(second))

    async def settle(self, reservations: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """Count what was used instead of what was reserved. Raises StoreDown."""
        settlement = Settlement(reservations, lease, at, used)
        try:
            await self._report(settlement)
        except StoreDown as error:
            # amounts that the store may have reserved are not reserved twice; to end a call twice does no harm
            self._unsettled.append(Settlement(reservations, lease, at, {}) if error.sent else settlement)
            raise

    async def _report(self, settlement: Settlement, *, background: bool = False) -> None:
        keys = [PREFIX + reservation.key for reservation in settlement.reservations]
        arguments: list[Any] = [settlement.lease, settlement.at, WINDOW]
        used = settlement.used
        for reservation in settlement.reservations:
            arguments += (
                _form(reservation),
                used[reservation.kind] - reservation.amount if reservation.kind in used else 0,
            )
        await self._client.execute(lambda: self._settle(keys=keys, args=arguments), background=background)

    async def _settle_late(self) -> None:
        """Tell the store, which is back, what it missed."""
        try:
            with suppress(StoreDown):
                while self._unsettled:
                    await self._report(self._unsettled[0], background=True)
                    self._unsettled.popleft()
        finally:
            self._settling = None

    def _life(self, reservation: Reservation) -> int:
        """Seconds for which a counter is kept after it was last used."""
        if reservation.kind in WINDOWED:
            return WINDOW + 2
        return BUDGET_SECONDS.get(reservation.kind, self.lease_seconds)


def _form(reservation: Reservation) -> str:
    if reservation.kind in WINDOWED:
        return "window"
    return "budget" if reservation.kind in BUDGETS else "running"


def _usage(reservation: Reservation, row: list[bytes], now: float) -> LimitUsage:
    if reservation.kind not in WINDOWED:
        return LimitUsage(int(row[0]), retry=1.0 if reservation.kind == "concurrent" else 0.0)
    pairs = [(int(row[i]), int(row[i + 1])) for i in range(0, len(row), 2)]
    return window_usage(reservation, sorted(pairs), now)
