"""`UNIGATE_STATE_URL` → the stores of an edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from unigate_edge.config import Limits
from unigate_edge.state.shared import SharedStore, connect
from unigate_edge.state.store import MemoryStore, Store

REPLAY_SECONDS = 3600
RESPONSE_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class Stores:
    """One store for each kind of memory, for their blobs live differently long."""

    replays: Store
    responses: Store

    async def close(self) -> None:
        """Let go of connections."""
        await self.replays.close()
        await self.responses.close()


def open_stores(url: str, limits: Limits, failed: Callable[[], None] = lambda: None) -> Stores:
    """The stores: without a URL in this process, within the limits. Raises ValueError for what is no such URL.

    `failed` is called for each command that a shared store does not answer.
    """
    if not url:
        return Stores(
            replays=MemoryStore(limits.replay_bytes, REPLAY_SECONDS),
            responses=MemoryStore(limits.response_bytes, RESPONSE_SECONDS),
        )
    client = connect(url)
    return Stores(
        replays=SharedStore(client, "unigate:", REPLAY_SECONDS, failed=failed),
        responses=SharedStore(client, "unigate:", RESPONSE_SECONDS, failed=failed),
    )
