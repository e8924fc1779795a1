"""What providers must see again in the next turn and clients may drop: kept per tenant, provider and tool call.

The edge does not understand these blobs. Losing one costs the provider's reasoning of a turn, never the request.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol


class Store(Protocol):
    """Where blobs live: in this process, or in a store that all edge pods share."""

    async def get(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are known, by key."""

    async def put(self, blobs: Mapping[str, bytes]) -> None:
        """Keep blobs for a while."""


class MemoryStore:
    """The blobs used last, as many bytes as allowed, each for at most `ttl` seconds."""

    def __init__(self, limit: int, ttl: float = 3600, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._ttl = ttl
        self._clock = clock
        self._size = 0
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are known, by key."""
        now = self._clock()
        found = {}
        for key in keys:
            entry = self._entries.get(key)
            if entry is None:
                continue
            if entry[0] < now:
                self._drop(key)
                continue
            self._entries.move_to_end(key)
            found[key] = entry[1]
        return found

    async def put(self, blobs: Mapping[str, bytes]) -> None:
        """Keep blobs for a while; the ones not asked for longest make room."""
        expires = self._clock() + self._ttl
        for key, blob in blobs.items():
            if key in self._entries:
                self._drop(key)
            self._entries[key] = (expires, blob)
            self._size += _weight(key, blob)
        while self._size > self._limit and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        self._size -= _weight(key, self._entries.pop(key)[1])


class Replays:
    """A store, seen by one tenant's calls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recall(self, tenant: str, provider: str, call_ids: Iterable[str]) -> dict[str, bytes]:
        """What the provider gave for these tool calls, by call id."""
        ids = {_key(tenant, provider, call_id): call_id for call_id in call_ids}
        if not ids:
            return {}
        return {ids[key]: blob for key, blob in (await self._store.get(ids)).items()}

    async def keep(self, tenant: str, provider: str, blobs: Mapping[str, bytes]) -> None:
        """Remember what the provider gave."""
        await self._store.put({_key(tenant, provider, call_id): blob for call_id, blob in blobs.items()})


def _key(tenant: str, provider: str, call_id: str) -> str:
    return f"replay:{tenant}\0{provider}\0{call_id}"


def _weight(key: str, blob: bytes) -> int:
    return len(key) + len(blob)
