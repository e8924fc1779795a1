"""Valkey or Redis as the store of all replicas. https://valkey.io/commands/"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from unigate_edge.state.client import StateClient

# KEYS: the blob's. ARGV: the blob, its life in milliseconds. Returns what is there already, if anything.
ADD: Final = """
local there = redis.call('GET', KEYS[1])
if not there then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return there
"""


class SharedStore:
    """Blobs under a common prefix, each for `ttl` seconds."""

    def __init__(self, client: StateClient, prefix: str, ttl: float) -> None:
        self._client = client
        self._valkey = client.valkey
        self._add = client.valkey.register_script(ADD)
        self._prefix = prefix
        self._ttl = int(ttl)

    async def get(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are known, by key. Raises StoreDown."""
        wanted = list(keys)
        if not wanted:
            return {}
        blobs = await self._client.execute(lambda: self._valkey.mget([self._prefix + key for key in wanted]))
        return {key: blob for key, blob in zip(wanted, blobs, strict=True) if blob is not None}

    async def put(self, blobs: Mapping[str, bytes]) -> None:
        """Keep blobs for a while, all or none. Raises StoreDown."""
        async with self._valkey.pipeline(transaction=True) as pipeline:
            for key, blob in blobs.items():
                pipeline.set(self._prefix + key, blob, ex=self._ttl)
            await self._client.execute(pipeline.execute)

    async def add(self, key: str, blob: bytes, seconds: float) -> bytes | None:
        """Keep a blob for so long unless there is one by this key: returns that, None when the new one is kept.

        Of several that add at the same time one gets None. Raises StoreDown.
        """
        life = max(1, int(seconds * 1000))
        return await self._client.execute(lambda: self._add(keys=[self._prefix + key], args=[blob, life]))

    async def delete(self, key: str) -> bool:
        """Forget a blob; returns whether there was one. Raises StoreDown."""
        return bool(await self._client.execute(lambda: self._valkey.delete(self._prefix + key)))
