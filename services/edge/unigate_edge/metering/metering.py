"""What a request may use and what it has used: limits before the call, costs and counts after it."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_core.telemetry.labels import NONE
from unigate_edge.config.model import Config
from unigate_edge.cost.calculator import NANO, Prices
from unigate_edge.cost.usage import UsageCounter
from unigate_edge.http.exchange import Exchange
from unigate_edge.limits.admission import Admission, ReservationBatch
from unigate_edge.limits.counters import Counters, LocalCounters
from unigate_edge.limits.delivered import TOKENS_PER_SECOND, Delivered
from unigate_edge.limits.errors import counters_unavailable, limit_headers, limit_reached
from unigate_edge.limits.estimate import UploadEstimate, estimate
from unigate_edge.limits.reservations import BUDGETS, Decision, KeyLimitScopes, Reservation
from unigate_edge.limits.shared import SharedCounters
from unigate_edge.metering.metrics import MeteringMetrics
from unigate_edge.routing.router import Target
from unigate_edge.state.blob_store import StoreDown
from unigate_edge.state.client import StateClient
from unigate_edge.telemetry.record import RequestRecord
from unigate_edge.validation.types import Request

BYTES_PER_UNREAD_TOKEN = 64
"""Of a stream in whose events no text was found: an event has a few tokens and some hundred bytes."""
MAX_MODELS = 1024
"""Models whose longest answers are remembered."""


class Metering:
    """All keys' limits and counts. Counts outlive a change of the configuration."""

    def __init__(
        self,
        config: Config,
        metrics: MeteringMetrics,
        state: StateClient | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`state`: the store that replicas share; None, each counts for itself."""
        self._now = now
        self._metrics = metrics
        self._local = LocalCounters()
        self._shared = SharedCounters(state, 0) if state is not None else None
        self._counters: Counters = self._shared or self._local
        self.usage = UsageCounter(state, now)
        self._longest: dict[str, int] = {}
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Go on with another configuration."""
        self._config = config
        if self._shared is not None:
            self._shared.lease_seconds = math.ceil(config.timeouts.total) + 60
        self.prices = Prices(config, self._now)
        self._scopes_of_keys = {
            key.name: KeyLimitScopes(key.name, key.limits) for key in config.keys if key.limits is not None
        }

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep counts until the end of the context."""
        async with self.usage.open():
            yield

    async def admit(
        self,
        exchange: Exchange,
        model: str,
        target: Target,
        request: Request | None,
        body: bytes,
        upload: UploadEstimate | None = None,
    ) -> None:
        """Count what the request may need. Raises GatewayError when its key has not that much left."""
        record = exchange.record
        scopes = self._scopes_of_keys.get(record.caller)
        if scopes is None:
            return
        default = max(self._config.reserved_output_tokens, self._longest.get(target.name, 0))
        need = estimate(record.operation, request, body, default, upload)
        admission = record.admission = Admission(scopes, model, need)
        await self._reserve_for(exchange, admission, target)

    async def admit_fallback(self, exchange: Exchange, target: Target) -> GatewayError | None:
        """Reserve for another target what the one before had reserved; the refusal when its limits don't allow it."""
        admission = exchange.record.admission
        if admission is None:
            return None
        await self._release(exchange.record, admission, {"tokens": 0, "budget_day": 0, "budget_month": 0})
        try:
            await self._reserve_for(exchange, admission, target)
        except GatewayError as error:
            return error
        return None

    async def _reserve_for(self, exchange: Exchange, admission: Admission, target: Target) -> None:
        record = exchange.record
        now, need = self._now(), admission.estimate
        cost = self.prices.cost(target.provider, target.model, need.usage()) if admission.scopes.has_budget else None
        reservations = admission.scopes.reservations((admission.model, target.name), need.total, cost or 0, now)
        # the request was counted where it was counted for the target before
        reservations = [
            reservation
            for reservation in reservations
            if reservation.kind != "requests" or reservation.key not in admission.counted
        ]
        if not reservations:
            return
        counters, decision = await self._reserve(reservations, record.request_id)
        exchange.extra_headers.update(limit_headers(reservations, decision))
        if decision.refused is not None:
            self._metrics.limited.labels(record.caller, decision.refused.kind).inc()
            raise limit_reached(decision, reservations, admission.model or target.name, now)
        admission.batches.append(ReservationBatch(reservations, counters, decision.at))
        admission.counted.update(reservation.key for reservation in reservations if reservation.kind == "requests")
        admission.covered = need.output

    async def extend(self, record: RequestRecord, admission: Admission, delivered: Delivered) -> None:
        """Book more of the key's budget for a stream that is longer than was expected. Raises GatewayError."""
        if delivered.tokens <= admission.covered or not admission.scopes.has_budget:
            return
        more = max(self._config.reserved_output_tokens, delivered.tokens - admission.covered)
        admission.covered += more
        cost = self.prices.cost(record.provider, record.model, pb.Usage(output_tokens=more)) or 0
        now = self._now()
        names = (admission.model, f"{record.provider}/{record.model}")
        reservations = [
            reservation
            for reservation in admission.scopes.reservations(names, 0, cost, now)
            if reservation.kind in BUDGETS
        ]
        if not reservations:
            return
        counters, decision = await self._reserve(reservations, record.request_id)
        if decision.refused is not None:
            self._metrics.limited.labels(record.caller, decision.refused.kind).inc()
            raise limit_reached(decision, reservations, admission.model, now)
        admission.batches.append(ReservationBatch(reservations, counters, decision.at, extra=True))

    @asynccontextmanager
    async def waiting(self, exchange: Exchange) -> AsyncIterator[None]:
        """Hold one of the key's concurrent requests while the request waits for another's answer.

        Raises GatewayError when there is none.
        """
        record = exchange.record
        scopes = self._scopes_of_keys.get(record.caller)
        now = self._now()
        reservations = (
            [each for each in scopes.reservations((), 0, 0, now) if each.kind == "concurrent"]
            if scopes is not None
            else []
        )
        if not reservations:
            yield
            return
        lease = f"{record.request_id}-waiting"
        counters, decision = await self._reserve(reservations, lease)
        if decision.refused is not None:
            self._metrics.limited.labels(record.caller, decision.refused.kind).inc()
            raise limit_reached(decision, reservations, record.path, now)
        try:
            yield
        finally:
            with suppress(StoreDown):
                await counters.settle(reservations, lease, decision.at, {})

    async def _release(self, record: RequestRecord, admission: Admission, used: Mapping[str, int]) -> None:
        """Settle all reservations: what was used counts once, and in place of what was reserved."""
        batches, admission.batches = admission.batches, []
        for batch in batches:
            amounts = dict.fromkeys(used, 0) if batch.extra else used
            try:
                await batch.counters.settle(batch.reservations, record.request_id, batch.at, amounts)
            except StoreDown:
                self._metrics.uncounted.labels("not_settled").inc()

    async def settle(self, exchange: Exchange) -> None:
        """Count what the request has used, once: with the answer's summary, or without one when it is over."""
        record = exchange.record
        if record.settled:
            return
        record.settled = True
        usage = _used(record)
        cost = None
        if usage is not None:
            cost = self._count(exchange, usage)
        admission = record.admission
        if admission is None:
            return
        if usage is not None and record.summary is not None and record.summary.HasField("usage"):
            self._learn(f"{record.provider}/{record.model}", usage.output_tokens)
        used = {
            "tokens": usage.input_tokens + usage.output_tokens if usage is not None else 0,
            "budget_day": cost or 0,
            "budget_month": cost or 0,
        }
        await self._release(record, admission, used)

    def _learn(self, model: str, output_tokens: int) -> None:
        """Remember the longest answer of a model, for requests that don't say how long theirs may be."""
        longest = self._longest.pop(model, 0)
        # the most recently used is last; a long answer is forgotten slowly
        self._longest[model] = max(output_tokens, longest - longest // 100)
        if len(self._longest) > MAX_MODELS:
            del self._longest[next(iter(self._longest))]

    def _count(self, exchange: Exchange, usage: pb.Usage) -> int | None:
        """Count an answer; returns its cost in nanodollars, None when its price is not known."""
        record = exchange.record
        priced = self.prices.find(record.provider, record.model)
        cost = self.prices.cost(record.provider, record.model, usage)
        if cost is not None and priced is not None:
            record.cost_usd = cost / NANO
            self._metrics.cost.labels(record.provider, priced.id, record.operation).inc(cost / NANO)
            self._metrics.key_cost.labels(record.caller or NONE).inc(cost / NANO)
            cached = usage.cache_read_tokens
            saved = self.prices.saved(record.provider, record.model, usage) if cached else 0
            self._metrics.saved.labels(record.provider, priced.id).inc(saved / NANO)
            self._metrics.key_saved.labels(record.caller or NONE).inc(saved / NANO)
            if not record.streamed:
                exchange.extra_headers[b"x-unigate-cost-usd"] = dollars(cost)
        units = record.units or round(usage.audio_seconds)
        model = f"{record.provider}/{record.model}"
        self.usage.add(record.caller, model, usage, cost or 0, record.operation, units)
        return cost

    def listed_prices(self, provider: str, model: str) -> dict[str, Any]:
        """A model's prices as the list of models shows them; empty: not known."""
        return self.prices.listed(provider, model)

    def count_lookup(self, operation: str, result: str) -> None:
        """Count a lookup in the response cache."""
        self._metrics.cache.labels(operation, result).inc()

    async def _reserve(self, reservations: Sequence[Reservation], lease: str) -> tuple[Counters, Decision]:
        try:
            return self._counters, await self._counters.reserve(reservations, lease)
        except StoreDown as error:
            outcome = self._config.state.when_down
            self._metrics.uncounted.labels(outcome).inc()
            if outcome == "closed":
                raise counters_unavailable() from error
            return self._local, await self._local.reserve(reservations, lease)


def dollars(nano: int) -> bytes:
    """An amount as it stands in a header, without an exponent."""
    return (f"{nano / NANO:.9f}".rstrip("0").rstrip(".") or "0").encode()


def _used(record: RequestRecord) -> pb.Usage | None:
    """What the vendor counted, or about as much as it will have; None: nothing."""
    if record.cached:
        return None
    summary = record.summary
    if summary is not None and summary.HasField("usage"):
        return summary.usage
    admission = record.admission
    answered = summary is not None and record.error is None
    if admission is None:
        return pb.Usage() if answered else None
    need = admission.estimate
    if answered:
        return need.usage()
    if record.bytes_sent:
        delivered = admission.delivered.tokens if admission.delivered is not None else 0
        delivered = delivered or record.bytes_sent // BYTES_PER_UNREAD_TOKEN
        # a picture or speech is paid for as a whole
        return need.usage() if need.media else replace(need, output=delivered).usage()
    if record.client_disconnected and record.phase == "wait":
        # a client that left while the vendor was at work has used it, as far as the vendor had come
        seconds = time.perf_counter() - record.started
        output = need.output if need.media else min(need.output, math.ceil(seconds * TOKENS_PER_SECOND))
        return replace(need, output=output).usage()
    return None
