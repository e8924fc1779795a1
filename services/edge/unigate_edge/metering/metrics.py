"""What is counted about keys, money and the store. Labels are bounded: by the configuration and the list of prices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from prometheus_client import CollectorRegistry, Gauge

from unigate_core.telemetry.counter import Counter
from unigate_edge.state.blob_store import MemoryStore, Store
from unigate_edge.state.client import ConnectionState


class MeteringMetrics:
    """The instruments."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.cost = Counter(
            "unigate_cost_usd",
            "US dollars that answers cost, by the price list.",
            ("provider", "model", "operation"),
            registry=registry,
        )
        self.saved = Counter(
            "unigate_cache_saved_usd",
            "US dollars saved by the vendors' prompt caches, by the price list.",
            ("provider", "model"),
            registry=registry,
        )
        self.key_cost = Counter("unigate_key_cost_usd", "US dollars by key.", ("key",), registry=registry)
        self.key_saved = Counter(
            "unigate_key_cache_saved_usd",
            "US dollars saved by the vendors' prompt caches, by key.",
            ("key",),
            registry=registry,
        )
        self.limited = Counter(
            "unigate_rate_limited", "Requests refused by a limit of their key.", ("key", "limit"), registry=registry
        )
        self.uncounted = Counter(
            "unigate_limit_store_down",
            "Requests of limited keys while the store was not available.",
            ("outcome",),
            registry=registry,
        )
        self.cache = Counter(
            "unigate_cache_lookups", "Lookups in the response cache.", ("operation", "result"), registry=registry
        )
        self.state_up = Gauge("unigate_state_up", "Whether the shared store answers; 1 without one.", registry=registry)
        self.state_up.set(1)
        self.memory = Gauge(
            "unigate_memory_store_bytes",
            "Bytes used by a store in this process; 0 with a shared store.",
            ("store",),
            registry=registry,
        )
        self.memory_limit = Gauge(
            "unigate_memory_store_limit_bytes",
            "Bytes that a store in this process may use; 0 with a shared store.",
            ("store",),
            registry=registry,
        )

    def observe(self, stores: Mapping[str, Store]) -> None:
        """Tell the sizes of the stores."""
        for name, store in stores.items():
            self.memory.labels(name)
            self.memory_limit.labels(name)
            if isinstance(store, MemoryStore):
                self.memory.labels(name).set_function(partial(getattr, store, "size"))
                self.memory_limit.labels(name).set(store.limit)

    def state(self, turn: ConnectionState) -> None:
        """The store went away, or is back."""
        self.state_up.set(1 if turn == "up" else 0)
