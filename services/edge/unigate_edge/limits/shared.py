"""Counters that all replicas share, in Valkey or Redis.

`limits`, the library for this, counts one limit per call and cannot give back: a request of a limited key would take
five round trips, keep what it took when the next limit refuses it, and its tokens could not be settled. So one small
script books all claims of a request together, by the store's own clock, and another corrects them.
https://valkey.io/topics/eval-intro/
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from unigate_edge.limits.counters import WINDOW, standing
from unigate_edge.limits.reservations import BUDGETS, WINDOWED, Decision, LimitUsage, Reservation
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.state.client import StateClient

PREFIX: Final = "unigate:limit:"
DAY: Final = 24 * 3600
BUDGET_SECONDS: Final[Mapping[str, int]] = {"budget_day": 2 * DAY, "budget_month": 33 * DAY}

# KEYS: where each claim is counted. ARGV: lease, window, lease's seconds, then form, limit, amount, strictness, life of
# each claim. Returns the second, the number of the claim that is too much or 0, and how each stands.
RESERVE: Final = """
local lease, window, lasts = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1])
local refused, standings = 0, {}
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
    standings[i] = live
  elseif form == 'running' then
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
    used = redis.call('ZCARD', key)
    standings[i] = {tostring(used)}
  else
    used = tonumber(redis.call('GET', key) or '0')
    standings[i] = {string.format('%.0f', used)}
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
return {time[1], time[2], refused, standings}
"""

# KEYS as above. ARGV: lease, second, window, then form and correction of each claim.
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

    claims: Sequence[Reservation]
    lease: str
    at: int
    used: Mapping[str, int]


class SharedCounters:
    """Counters in the shared store.

    What could not be written while the store was down is written when it is back, so that no call counts as running
    that has ended, and what was reserved is not taken for used.
    """

    def __init__(self, client: StateClient, lease_seconds: int) -> None:
        """A call that nobody ended, for its replica died, counts as running for so many seconds."""
        self.lease_seconds = lease_seconds
        self._client = client
        self._reserve = client.valkey.register_script(RESERVE)
        self._settle = client.valkey.register_script(SETTLE)
        self._unsettled: deque[Settlement] = deque(maxlen=MAX_UNSETTLED)
        self._settling: asyncio.Task[None] | None = None

    async def reserve(self, claims: Sequence[Reservation], lease: str) -> Decision:
        """Book the claims, or tell which one is too much. Raises StoreDown."""
        keys = [PREFIX + claim.key for claim in claims]
        arguments: list[Any] = [lease, WINDOW, self.lease_seconds]
        for claim in claims:
            strict = 0 if claim.kind == "tokens" else 1
            arguments += (_form(claim), claim.limit, claim.amount, strict, self._life(claim))
        try:
            answer = await self._client.execute(lambda: self._reserve(keys=keys, args=arguments))
        except StoreDown as error:
            if error.sent:
                self._unsettled.append(Settlement(claims, lease, 0, {}))
            raise
        if self._unsettled and self._settling is None:
            self._settling = asyncio.create_task(self._settle_late())
        second, microseconds, refused, rows = answer
        now = int(second) + int(microseconds) / 1_000_000
        standings = tuple(_standing(claim, row, now) for claim, row in zip(claims, rows, strict=True))
        return Decision(claims[refused - 1] if refused else None, standings, int(second))

    async def settle(self, claims: Sequence[Reservation], lease: str, at: int, used: Mapping[str, int]) -> None:
        """Book what was used instead of what was reserved. Raises StoreDown."""
        settlement = Settlement(claims, lease, at, used)
        try:
            await self._report(settlement)
        except StoreDown as error:
            # amounts that the store may have booked are not booked twice; to end a call twice does no harm
            self._unsettled.append(Settlement(claims, lease, at, {}) if error.sent else settlement)
            raise

    async def _report(self, settlement: Settlement, *, background: bool = False) -> None:
        keys = [PREFIX + claim.key for claim in settlement.claims]
        arguments: list[Any] = [settlement.lease, settlement.at, WINDOW]
        used = settlement.used
        for claim in settlement.claims:
            arguments += (_form(claim), used[claim.kind] - claim.amount if claim.kind in used else 0)
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

    def _life(self, claim: Reservation) -> int:
        """Seconds for which a counter is kept after it was last used."""
        if claim.kind in WINDOWED:
            return WINDOW + 2
        return BUDGET_SECONDS.get(claim.kind, self.lease_seconds)


def _form(claim: Reservation) -> str:
    if claim.kind in WINDOWED:
        return "window"
    return "budget" if claim.kind in BUDGETS else "running"


def _standing(claim: Reservation, row: list[bytes], now: float) -> LimitUsage:
    if claim.kind not in WINDOWED:
        return LimitUsage(int(row[0]), retry=1.0 if claim.kind == "concurrent" else 0.0)
    pairs = [(int(row[i]), int(row[i + 1])) for i in range(0, len(row), 2)]
    return standing(claim, sorted(pairs), now)
