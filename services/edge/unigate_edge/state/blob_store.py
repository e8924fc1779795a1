"""What a store does, and the one kept in this process."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

ENTRY_BYTES = 400
"""Of one entry beside the bytes of key and blob: the objects' heads, the tuple, its time and the place in the table."""


class StoreDown(Exception):
    """The store cannot be asked. The message says why, and nothing of its address.

    `sent`: the command was sent, so the store may have carried it out all the same.
    """

    def __init__(self, reason: str, *, sent: bool = False) -> None:
        super().__init__(reason)
        self.sent = sent


class Store(Protocol):
    """Blobs by key, each kept for a while."""

    async def get(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are known, by key. Raises StoreDown."""

    async def put(self, blobs: Mapping[str, bytes]) -> None:
        """Keep blobs for a while. Raises StoreDown."""

    async def add(self, key: str, blob: bytes, seconds: float) -> bytes | None:
        """Keep a blob for so long unless there is one by this key: returns that, None when the new one is kept.

        Of several that add at the same time one gets None. Raises StoreDown.
        """

    async def delete(self, key: str) -> bool:
        """Forget a blob; returns whether there was one. Raises StoreDown."""


class MemoryStore:
    """The blobs used last, as many bytes as allowed, each for at most `ttl` seconds.

    An entry counts with what the interpreter needs to keep it, so `limit` is what the process really gives.
    """

    def __init__(self, limit: int, ttl: float = 3600, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._ttl = ttl
        self._clock = clock
        self.size = 0
        """Bytes that the entries take."""
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
        for key, blob in blobs.items():
            self._set(key, blob, self._ttl)

    async def add(self, key: str, blob: bytes, seconds: float) -> bytes | None:
        """Keep a blob for so long unless there is one by this key: returns that, None when the new one is kept."""
        there = (await self.get((key,))).get(key)
        if there is None:
            self._set(key, blob, seconds)
        return there

    async def delete(self, key: str) -> bool:
        """Forget a blob."""
        known = bool(await self.get((key,)))
        if known:
            self._drop(key)
        return known

    def _set(self, key: str, blob: bytes, seconds: float) -> None:
        if key in self._entries:
            self._drop(key)
        self._entries[key] = (self._clock() + seconds, blob)
        self.size += _weight(key, blob)
        while self.size > self.limit and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: str) -> None:
        self.size -= _weight(key, self._entries.pop(key)[1])


def _weight(key: str, blob: bytes) -> int:
    return len(key) + len(blob) + ENTRY_BYTES
