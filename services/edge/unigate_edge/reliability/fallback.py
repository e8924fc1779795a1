"""A request and the models that may answer it → one answer: fall back to the next, try the last one again.

Never after the first byte, so that no request is answered twice; never for what is wrong with the request itself.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from unigate_core.errors import SERVER_ERROR, GatewayError, drop_tracebacks
from unigate_edge.config.model import Config
from unigate_edge.errors import ClientDisconnected, HopError
from unigate_edge.http.exchange import Exchange
from unigate_edge.reliability.backoff import delay
from unigate_edge.reliability.circuit import Circuits
from unigate_edge.reliability.failure_kinds import TRIPS_CIRCUIT, FailureKind, failure_kind
from unigate_edge.reliability.metrics import ReliabilityMetrics
from unigate_edge.reliability.retry_budget import RetryBudget
from unigate_edge.routing.router import Target

AdmitFallback = Callable[[Exchange, Target], Awaitable[GatewayError | None]]
"""Tells what forbids the use of a target other than the first."""
CallTarget = Callable[[Target], Awaitable[None]]
"""Answers the request by one target. Raises GatewayError."""


class FallbackPolicy:
    """The policy, and what is known of the models' health."""

    def __init__(
        self,
        config: Config,
        metrics: ReliabilityMetrics,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._metrics = metrics
        self._chance = chance
        self._retries = config.retries
        self._budget = RetryBudget(config.retries.budget)
        self.circuits = Circuits(config.circuit, metrics.circuit, clock)

    def configure(self, config: Config) -> None:
        """Go on with another configuration; what is known of health stays."""
        if config.retries.budget != self._retries.budget:
            self._budget = RetryBudget(config.retries.budget)
        self._retries = config.retries
        self.circuits.configure(config.circuit)

    async def answer(
        self, exchange: Exchange, targets: Sequence[Target], call: CallTarget, admit_fallback: AdmitFallback
    ) -> None:
        """Call targets until one goes well. Raises the last failure, ClientDisconnected."""
        self._budget.deposit()
        failure: GatewayError | None = None
        for place, target in enumerate(targets, 1):
            last = place == len(targets)
            failed = await admit_fallback(exchange, target) if place > 1 else None
            retries = 0
            while failed is None:
                wait = self.circuits.try_acquire(target.provider, target.model)
                if wait:
                    failed = circuit_open(wait)
                else:
                    failed = await self._attempt(exchange, target, call)
                    if failed is None:
                        return
                if last and await self._will_retry(exchange, target, failed, retries):
                    retries += 1
                    failed = None
            kind = failure_kind(failed)
            if failure is None or kind is not FailureKind.CIRCUIT_OPEN:
                failure = failed
            if kind is FailureKind.REFUSED or last:
                break
            self._metrics.fallbacks.labels(target.provider, kind).inc()
        if failure is not None:
            raise failure

    async def answer_once(self, exchange: Exchange, target: Target, call: CallTarget) -> None:
        """Call the one target of a request that can be sent only once. Raises its failure."""
        wait = self.circuits.try_acquire(target.provider, target.model)
        if wait:
            raise circuit_open(wait)
        failure = await self._attempt(exchange, target, call)
        if failure is not None:
            raise failure

    async def _attempt(self, exchange: Exchange, target: Target, call: CallTarget) -> GatewayError | None:
        """Call one target. A failure before the first byte of an answer is returned, not raised."""
        record = exchange.record
        record.provider, record.model = target.provider, target.model
        record.attempts += 1
        exchange.upstream_headers = ((b"x-unigate-provider", target.provider.encode()),)
        try:
            await call(target)
        except GatewayError as error:
            self.note(target, error)
            if exchange.answered:
                raise
            drop_tracebacks(error)
            record.failures = (*record.failures, (target.name, failure_kind(error).value))
            return error
        self.note(target, record.error)
        return None

    async def _will_retry(self, exchange: Exchange, target: Target, failure: GatewayError, retries: int) -> bool:
        """Whether a target is tried again; waits for as long as it is to be left alone."""
        kind = failure_kind(failure)
        # a time that the edge itself advises clients is not what the provider asks for
        retry_after = None if isinstance(failure, HopError) else failure.retry_after
        seconds = delay(self._retries, kind, retry_after, retries, self._chance)
        if seconds is None:
            return False
        if not self._budget.withdraw():
            self._metrics.exhausted.inc()
            return False
        self._metrics.retries.labels(target.provider, kind).inc()
        await pause(exchange, seconds)
        return True

    def note(self, target: Target, error: GatewayError | None) -> None:
        """Tell the circuit how an attempt went; what is the request's own fault is an answer, too."""
        if error is not None and failure_kind(error) in TRIPS_CIRCUIT:
            self.circuits.failed(target.provider, target.model)
        else:
            self.circuits.succeeded(target.provider, target.model)


async def pause(exchange: Exchange, seconds: float | None) -> None:
    """Wait, None: for good. Raises ClientDisconnected when the client does not."""
    try:
        async with asyncio.timeout(seconds):
            await exchange.receive()
    except TimeoutError:
        return
    raise ClientDisconnected


def circuit_open(seconds: float) -> GatewayError:
    """The model has failed too often lately."""
    return HopError(
        "The model is failing at its provider, so requests to it are paused. Please try again later.",
        status=503,
        type=SERVER_ERROR,
        code="circuit_open",
        retry_after=seconds,
    )
