"""What all requests share: the configuration and everything that lives as long as the process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from unigate_edge.auth import Keyring
from unigate_edge.cache.answers import AnswerCache
from unigate_edge.catalogue import Catalogue
from unigate_edge.config import Config
from unigate_edge.grpc_client import ProviderClient, open_clients
from unigate_edge.replay import Replays
from unigate_edge.responses.ledger import Ledger
from unigate_edge.routing import Router
from unigate_edge.state.open import Stores, open_stores
from unigate_edge.telemetry import Telemetry
from unigate_edge.traffic import Traffic
from unigate_edge.traffic_metrics import TrafficMetrics


@dataclass
class Gateway:
    """The edge without its HTTP side. `clients` are there while it is open."""

    config: Config
    keyring: Keyring
    router: Router
    stores: Stores
    replays: Replays
    ledger: Ledger
    telemetry: Telemetry
    catalogue: Catalogue
    traffic: Traffic
    answers: AnswerCache
    clients: Mapping[str, ProviderClient] = field(default_factory=dict)
    draining: bool = False

    @classmethod
    def of(cls, config: Config, telemetry: Telemetry | None = None, *, state_url: str = "") -> Gateway:
        """Build it from the configuration. Raises ValueError for a URL that names no store."""
        telemetry = telemetry or Telemetry()
        stores = open_stores(state_url, config.limits, telemetry.state_failed)
        router = Router(config)
        traffic = Traffic(config, TrafficMetrics(telemetry.registry), state_url)
        return cls(
            config=config,
            keyring=Keyring.of(config.keys),
            router=router,
            stores=stores,
            replays=Replays(stores.replays),
            ledger=Ledger(stores.responses),
            telemetry=telemetry,
            catalogue=Catalogue(
                router, ttl=config.models_ttl, timeout=config.timeouts.capabilities, prices=traffic.listed_prices
            ),
            traffic=traffic,
            answers=AnswerCache(traffic.blobs(config.cache), config.cache, traffic.count_lookup),
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Gateway]:
        """Connect to the adapters, on the running event loop."""
        async with open_clients(self.config) as clients:
            self.clients = clients
            async with self.catalogue.open(clients), self.traffic.open():
                yield self
            self.clients = {}
            await self.stores.close()
