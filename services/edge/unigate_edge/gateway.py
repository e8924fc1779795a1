"""What all requests share: the configuration and everything that lives as long as the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from unigate_core.mutual_tls import CertificateFiles
from unigate_core.telemetry.logs import get_logger
from unigate_edge.authentication import Caller, Keyring
from unigate_edge.config.model import Config
from unigate_edge.http.connections import ConnectionTracker
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.shedding import Shedder
from unigate_edge.metering.metering import Metering
from unigate_edge.metering.metrics import MeteringMetrics
from unigate_edge.reliability.fallback import FallbackPolicy
from unigate_edge.reliability.idempotency import IdempotencyCache
from unigate_edge.reliability.metrics import ReliabilityMetrics
from unigate_edge.reliability.response_cache import ResponseCache
from unigate_edge.responses.ownership import ResponseOwnership
from unigate_edge.responses.store import ResponseStore
from unigate_edge.routing.router import Router, Target
from unigate_edge.state.client import StateClient, open_state_client
from unigate_edge.state.factory import Stores, open_store, open_stores
from unigate_edge.state.replay import Replays
from unigate_edge.telemetry.requests import Telemetry
from unigate_edge.upstream.channels import Clients
from unigate_edge.upstream.client import ProviderClient
from unigate_edge.upstream.registry import ModelRegistry

log = get_logger("unigate.edge")

CERTIFICATES_INTERVAL = 10.0
"""Seconds between two looks at the certificates' files."""


class Gateway(msgspec.Struct):
    """The edge without its HTTP side. `clients` are there while it is open."""

    config: Config
    keyring: Keyring
    router: Router
    state: StateClient | None
    stores: Stores
    replays: Replays
    response_store: ResponseStore
    response_ownership: ResponseOwnership
    telemetry: Telemetry
    registry: ModelRegistry
    metering: Metering
    response_cache: ResponseCache
    fallback: FallbackPolicy
    shedder: Shedder
    idempotency: IdempotencyCache
    connections: ConnectionTracker
    clients: Clients = msgspec.field(default_factory=Clients)
    draining: bool = False
    reload: Callable[[], Awaitable[None]] | None = None
    """Reads the configuration and the keys again now; None: they come from no file."""

    @classmethod
    def of(
        cls,
        config: Config,
        telemetry: Telemetry | None = None,
        *,
        state_url: str = "",
        certificates: CertificateFiles | None = None,
    ) -> Gateway:
        """Build it from the configuration. Raises ValueError for a URL that names no store.

        `certificates`: None, adapters are spoken to plainly.
        """
        telemetry = telemetry or Telemetry()
        metrics = MeteringMetrics(telemetry.registry)
        state = None
        if state_url:
            state = open_state_client(
                state_url, config.state.timeout, changed=metrics.state, failed=telemetry.state_failed
            )
        stores = open_stores(state, config.limits)
        idempotent = open_store(state, config.idempotency.max_bytes, max(1, config.idempotency.ttl))
        answers = open_store(state, config.cache.max_bytes, config.cache.ttl)
        metrics.observe(
            {
                "replays": stores.replays,
                "responses": stores.responses,
                "idempotency": idempotent,
                "cache": answers,
            }
        )
        router = Router(config)
        reliability = ReliabilityMetrics(telemetry.registry)
        metering = Metering(config, metrics, state)
        return cls(
            config=config,
            keyring=Keyring.of(config.keys),
            router=router,
            state=state,
            stores=stores,
            replays=Replays(stores.replays),
            response_store=ResponseStore(stores.responses),
            response_ownership=ResponseOwnership(stores.responses),
            telemetry=telemetry,
            registry=ModelRegistry(
                router, ttl=config.models_ttl, timeout=config.timeouts.capabilities, prices=metering.listed_prices
            ),
            fallback=FallbackPolicy(config, reliability),
            shedder=Shedder(config.shedding, telemetry.registry),
            connections=ConnectionTracker(config.connections, telemetry.registry),
            idempotency=IdempotencyCache(
                idempotent,
                config.idempotency,
                reliability,
                abandoned_after=config.timeouts.total,
                waiting=metering.waiting,
            ),
            clients=Clients(certificates),
            metering=metering,
            response_cache=ResponseCache(answers, config.cache, metering.count_lookup),
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gateway]:
        """Connect to the adapters, on the running event loop."""
        self.clients.configure(self.config)
        renewing: asyncio.Task[None] | None = None
        try:
            async with self.registry.open(self.clients), self.metering.open(), self.shedder.open():
                with self.telemetry.open(self.registry.knows, self._channel_targets):
                    renewing = asyncio.create_task(self._renew_certificates())
                    yield self
        finally:
            if renewing is not None:
                renewing.cancel()
            await self.clients.close()
            if self.state is not None:
                await self.state.close()

    def configure(self, config: Config) -> None:
        """Go on with another configuration, from one request to the next. Sizes of stores stay as they are."""
        router = Router(config)
        keyring = Keyring.of(config.keys)
        self.metering.configure(config)
        if self.state is not None:
            self.state.timeout = config.state.timeout
        self.idempotency.abandoned_after = config.timeouts.total
        self.clients.configure(config)
        self.config, self.keyring, self.router = config, keyring, router
        self.registry.configure(router, ttl=config.models_ttl, timeout=config.timeouts.capabilities)
        self.fallback.configure(config)
        self.shedder.configure(config.shedding)
        self.connections.configure(config.connections)

    def authenticate(self, exchange: Exchange, operation: str) -> Caller:
        """Whose request it is, noted in its record together with the operation. Raises GatewayError."""
        record = exchange.record
        record.operation = operation
        caller = self.keyring.caller(exchange.keys())
        record.caller = caller.name
        return caller

    async def connected(self, exchange: Exchange) -> ProviderClient:
        """The client of the exchange's provider, ready or known to fail at once. Raises HopError."""
        client = self.clients.of(exchange.record.provider)
        if not client.ready:
            await client.connected(self.config.timeouts.connect)
        return client

    async def _renew_certificates(self) -> None:
        while True:
            await asyncio.sleep(CERTIFICATES_INTERVAL)
            if self.clients.renew(self.config):
                log.info("certificates_renewed")

    def _channel_targets(self) -> dict[str, str]:
        return {name: client.target for name, client in self.clients.items()}

    def pick_healthy(self, targets: Sequence[Target]) -> Target:
        """The first target that is ready and healthy, for requests that can be sent to one only."""
        for target in targets:
            healthy = not self.fallback.circuits.blocked(target.provider, target.model)
            if healthy and self.clients.of(target.provider).ready:
                return target
        return targets[0]

    def time_left(self, exchange: Exchange, limit: float | None = None) -> float:
        """Seconds that an attempt may take, of those that the request has left."""
        left = max(0.001, self.config.timeouts.total - (time.perf_counter() - exchange.record.started))
        return left if limit is None else min(left, limit)
