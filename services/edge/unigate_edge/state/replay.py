"""What providers must see again in the next turn and clients may drop: kept per tenant, provider and tool call.

The edge does not understand these blobs. Losing one costs the provider's reasoning of a turn, never the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from unigate_core.telemetry.logs import get_logger
from unigate_edge.state.blob_store import Store, StoreDown

log = get_logger("unigate.edge")


class Replays:
    """A store, seen by one tenant's calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recall(self, tenant: str, provider: str, call_ids: Iterable[str]) -> dict[str, bytes]:
        """What the provider gave for these tool calls, by call id."""
        ids = {_key(tenant, provider, call_id): call_id for call_id in call_ids}
        if not ids:
            return {}
        try:
            return {ids[key]: blob for key, blob in (await self._store.get(ids)).items()}
        except StoreDown as error:
            log.warning("replay_not_recalled", reason=str(error))
            return {}

    async def keep(self, tenant: str, provider: str, blobs: Mapping[str, bytes]) -> None:
        """Remember what the provider gave."""
        try:
            await self._store.put({_key(tenant, provider, call_id): blob for call_id, blob in blobs.items()})
        except StoreDown as error:
            log.warning("replay_not_kept", reason=str(error))


def _key(tenant: str, provider: str, call_id: str) -> str:
    return f"replay:{tenant}\0{provider}\0{call_id}"
