"""What a request may use and what it has used: limits before the call, costs and counts after it."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from unigate.provider.v1 import provider_pb2 as pb
from unigate_common.telemetry.labels import NONE
from unigate_edge.cache.config import CacheSettings
from unigate_edge.config import Config
from unigate_edge.cost.prices import NANO, Prices
from unigate_edge.cost.usage import UsageBook
from unigate_edge.exchange import Exchange
from unigate_edge.limits.claims import Claim, LimitBook, Verdict
from unigate_edge.limits.counters import Counters, LocalCounters
from unigate_edge.limits.estimate import BYTES_PER_STREAMED_TOKEN, Estimate, estimate
from unigate_edge.limits.refusals import counters_unavailable, limit_headers, limit_reached
from unigate_edge.limits.shared import SharedCounters
from unigate_edge.routing import Target
from unigate_edge.state.link import open_link
from unigate_edge.state.shared import SharedStore
from unigate_edge.state.store import MemoryStore, Store, StoreDown
from unigate_edge.traffic_metrics import TrafficMetrics
from unigate_edge.validation.types import Request


@dataclass(frozen=True, slots=True)
class Admission:
    """What was booked for a request, and where."""

    claims: Sequence[Claim]
    counters: Counters
    estimate: Estimate
    at: int


class Traffic:
    """All keys' limits and counts. Counts outlive a change of the configuration."""

    def __init__(
        self,
        config: Config,
        metrics: TrafficMetrics,
        state_url: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises ValueError for a URL that names no store."""
        self._now = now
        self._metrics = metrics
        self._link = open_link(state_url, config.state.timeout, metrics.state) if state_url else None
        self._local = LocalCounters()
        self._counters: Counters = self._local
        if self._link is not None:
            self._counters = SharedCounters(self._link, math.ceil(config.timeouts.total) + 60)
        self.usage = UsageBook(self._link, now)
        self.configure(config)

    @property
    def failures(self) -> int:
        """How often the store did not answer."""
        return self._link.failures if self._link is not None else 0

    def configure(self, config: Config) -> None:
        """Go on with another configuration. The store and its timeout stay."""
        self._config = config
        self.prices = Prices(config, self._now)
        self._books = {key.name: LimitBook(key.name, key.limits) for key in config.keys if key.limits is not None}

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Keep counts until the end of the context."""
        async with self.usage.open():
            yield
        if self._link is not None:
            await self._link.close()

    async def admit(self, exchange: Exchange, model: str, target: Target, request: Request | None, body: bytes) -> None:
        """Book what the request may need. Raises GatewayError when its key has not that much left."""
        book = self._books.get(exchange.caller)
        if book is None:
            return
        now = self._now()
        need = estimate(exchange.operation, request, body, self._config.reserved_output_tokens)
        cost = None
        if book.has_budget:
            usage = pb.Usage(input_tokens=need.input, output_tokens=need.output)
            cost = self.prices.cost(target.provider, target.model, usage)
        claims = book.claims((model, target.name), need.total, cost or 0, now)
        if not claims:
            return
        counters, verdict = await self._reserve(claims, exchange.request_id)
        exchange.own_headers.update(limit_headers(claims, verdict))
        if verdict.refused is not None:
            self._metrics.limited.labels(exchange.caller, verdict.refused.kind).inc()
            raise limit_reached(verdict, claims, model or target.name, now)
        exchange.admission = Admission(claims, counters, need, verdict.at)

    async def settle(self, exchange: Exchange) -> None:
        """Book what the request has used, once: with the answer's summary, or without one when it is over."""
        if exchange.settled:
            return
        exchange.settled = True
        usage = _used(exchange)
        cost = None
        if usage is not None:
            cost = self._count(exchange, usage)
        admission: Admission | None = exchange.admission
        if admission is None:
            return
        used = {
            "tokens": usage.input_tokens + usage.output_tokens if usage is not None else 0,
            "budget_day": cost or 0,
            "budget_month": cost or 0,
        }
        try:
            await admission.counters.settle(admission.claims, exchange.request_id, admission.at, used)
        except StoreDown:
            self._metrics.uncounted.labels("not_settled").inc()

    def _count(self, exchange: Exchange, usage: pb.Usage) -> int | None:
        """Count an answer; returns its cost in nanodollars, None when its price is not known."""
        priced = self.prices.find(exchange.provider, exchange.model)
        cost = self.prices.cost(exchange.provider, exchange.model, usage)
        if cost is not None and priced is not None:
            exchange.cost_usd = cost / NANO
            self._metrics.cost.labels(exchange.provider, priced.id, exchange.operation).inc(cost / NANO)
            self._metrics.key_cost.labels(exchange.caller or NONE).inc(cost / NANO)
            if not exchange.streamed:
                exchange.own_headers[b"x-unigate-cost-usd"] = dollars(cost)
        self.usage.add(exchange.caller, f"{exchange.provider}/{exchange.model}", usage, cost or 0)
        return cost

    def listed_prices(self, provider: str, model: str) -> dict[str, Any]:
        """A model's prices as the list of models shows them; empty: not known."""
        return self.prices.listed(provider, model)

    def count_lookup(self, operation: str, result: str) -> None:
        """Count a look-up in the response cache."""
        self._metrics.cache.labels(operation, result).inc()

    def blobs(self, settings: CacheSettings) -> Store:
        """A store for answers, where the counts are."""
        if self._link is None:
            return MemoryStore(settings.max_bytes, settings.ttl)
        return SharedStore(self._link.client, "unigate:", settings.ttl)

    async def _reserve(self, claims: Sequence[Claim], lease: str) -> tuple[Counters, Verdict]:
        try:
            return self._counters, await self._counters.reserve(claims, lease)
        except StoreDown as error:
            outcome = self._config.state.when_down
            self._metrics.uncounted.labels(outcome).inc()
            if outcome == "closed":
                raise counters_unavailable() from error
            return self._local, await self._local.reserve(claims, lease)


def dollars(nano: int) -> bytes:
    """An amount as a header tells it, without an exponent."""
    return (f"{nano / NANO:.9f}".rstrip("0").rstrip(".") or "0").encode()


def _used(exchange: Exchange) -> pb.Usage | None:
    """What the vendor counted, or about as much as it will have; None: nothing."""
    if exchange.cached:
        return None
    summary = exchange.summary
    if summary is not None and summary.HasField("usage"):
        return summary.usage
    admission: Admission | None = exchange.admission
    answered = summary is not None and exchange.error is None
    if admission is None:
        return pb.Usage() if answered else None
    need = admission.estimate
    if answered:
        return pb.Usage(input_tokens=need.input, output_tokens=need.output)
    if exchange.sent:
        output = min(need.output, exchange.sent // BYTES_PER_STREAMED_TOKEN)
        return pb.Usage(input_tokens=need.input, output_tokens=output)
    # a client that left while the vendor was at work has used it
    return pb.Usage(input_tokens=need.input) if exchange.gone and exchange.phase == "wait" else None
