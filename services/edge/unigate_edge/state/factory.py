"""The edge's stores: in this process, or in the store that all replicas share."""

from __future__ import annotations

import msgspec

from unigate_edge.config.model import Limits
from unigate_edge.state.blob_store import MemoryStore, Store
from unigate_edge.state.client import StateClient
from unigate_edge.state.shared_store import SharedStore

PREFIX = "unigate:"
REPLAY_SECONDS = 3600
RESPONSE_SECONDS = 30 * 24 * 3600


class Stores(msgspec.Struct, frozen=True):
    """One store for each kind of memory, for their blobs live differently long."""

    replays: Store
    responses: Store


def open_stores(client: StateClient | None, limits: Limits) -> Stores:
    """The stores of what requests refer to; without a client in this process, within the limits."""
    return Stores(
        replays=open_store(client, limits.replay_bytes, REPLAY_SECONDS),
        responses=open_store(client, limits.response_bytes, RESPONSE_SECONDS),
    )


def open_store(client: StateClient | None, max_bytes: int, ttl: float) -> Store:
    """A store whose blobs live for `ttl` seconds; without a client in this process, in at most `max_bytes`."""
    return MemoryStore(max_bytes, ttl) if client is None else SharedStore(client, PREFIX, ttl)
