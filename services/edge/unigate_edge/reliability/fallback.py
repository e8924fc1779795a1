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
from unigate_edge.errors import ClientGone, HopError
from unigate_edge.http.exchange import Exchange
from unigate_edge.reliability.backoff import delay
from unigate_edge.reliability.circuit import Circuits
from unigate_edge.reliability.failure_kinds import TRIPS_CIRCUIT, FailureKind, failure_kind
from unigate_edge.reliability.metrics import ReliabilityMetrics
from unigate_edge.reliability.retry_budget import RetryBudget
from unigate_edge.routing.router import Target

Serve = Callable[[Target], Awaitable[None]]
"""One attempt. Raises GatewayError while no byte of an answer is sent."""


AdmitFallback = Callable[[Target], Awaitable[GatewayError | None]]


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

    async def execute(
        self, exchange: Exchange, targets: Sequence[Target], serve: Serve, admit_fallback: AdmitFallback
    ) -> None:
        """Answer by the first target that can. Raises the last failure, ClientGone.

        `admit_fallback` tells what forbids the use of a target but the first.
        """
        self._budget.deposit()
        failure: GatewayError | None = None
        for place, target in enumerate(targets, 1):
            failed = await admit_fallback(target) if place > 1 else None
            if failed is None:
                failed = await self._serve_by(exchange, target, serve, last=place == len(targets))
            if failed is None:
                return
            kind = failure_kind(failed)
            if failure is None or kind is not FailureKind.CIRCUIT_OPEN:
                failure = failed
            if kind is FailureKind.REFUSED or place == len(targets):
                break
            self._metrics.fallbacks.labels(target.provider, kind).inc()
        if failure is not None:
            raise failure

    async def serve_once(self, exchange: Exchange, target: Target, serve: Serve) -> None:
        """Answer by this target or not at all: for requests that can be sent only once. Raises its failure."""
        failure = await self._attempt(exchange, target, serve)
        if failure is not None:
            raise failure

    async def _serve_by(self, exchange: Exchange, target: Target, serve: Serve, *, last: bool) -> GatewayError | None:
        """One target's failure, after its retries where it is the last that can answer. None: it has answered."""
        retries = 0
        while True:
            failure = await self._attempt(exchange, target, serve)
            if failure is None or not last:
                return failure
            kind = failure_kind(failure)
            # what the hop advises clients is no wish of the provider's
            wish = None if isinstance(failure, HopError) else failure.retry_after
            seconds = delay(self._retries, kind, wish, retries, self._chance)
            if seconds is None:
                return failure
            if not self._budget.withdraw():
                self._metrics.exhausted.inc()
                return failure
            retries += 1
            self._metrics.retries.labels(target.provider, kind).inc()
            await pause(exchange, seconds)

    async def _attempt(self, exchange: Exchange, target: Target, serve: Serve) -> GatewayError | None:
        wait = self.circuits.try_acquire(target.provider, target.model)
        if wait:
            return circuit_open(wait)
        exchange.provider, exchange.model = target.provider, target.model
        exchange.attempts += 1
        exchange.upstream_headers = ((b"x-unigate-provider", target.provider.encode()),)
        try:
            await serve(target)
        except GatewayError as error:
            self._note(target, error)
            if exchange.answered:
                raise
            drop_tracebacks(error)
            exchange.failures = (*exchange.failures, (target.name, failure_kind(error).value))
            return error
        self._note(target, exchange.error)
        return None

    def _note(self, target: Target, error: GatewayError | None) -> None:
        """Tell the circuit how an attempt went; what is the request's own fault is an answer, too."""
        if error is not None and failure_kind(error) in TRIPS_CIRCUIT:
            self.circuits.failed(target.provider, target.model)
        else:
            self.circuits.succeeded(target.provider, target.model)


async def pause(exchange: Exchange, seconds: float | None) -> None:
    """Wait, None: for good. Raises ClientGone when the client does not."""
    try:
        async with asyncio.timeout(seconds):
            await exchange.receive()
    except TimeoutError:
        return
    raise ClientGone


def circuit_open(seconds: float) -> GatewayError:
    """The model has failed too often lately."""
    return HopError(
        "The model is failing at its provider and is not asked for the moment. Please try again later.",
        status=503,
        type=SERVER_ERROR,
        code="circuit_open",
        retry_after=seconds,
    )
