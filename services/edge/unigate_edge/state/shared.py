"""Valkey or Redis as the store of all replicas. https://valkey.io/commands/

While it is down nobody waits for it: after a failure it is left alone for a moment, then tried again.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeVar

from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

from unigate_edge.state.store import StoreDown

SECONDS = 2.0
"""Of patience with one command."""
PAUSE = 1.0
"""Seconds in which a store that has failed is not asked again."""

# KEYS: the blob's. ARGV: the blob, its life in milliseconds. Returns what is there already, if anything.
ADD: Final = """
local there = redis.call('GET', KEYS[1])
if not there then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return there
"""

T = TypeVar("T")


class SharedStore:
    """Blobs under a common prefix, each for `ttl` seconds."""

    def __init__(
        self,
        client: Valkey,
        prefix: str,
        ttl: float,
        *,
        failed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`failed` is called for each command that was not answered."""
        self._client = client
        self._add = client.register_script(ADD)
        self._prefix = prefix
        self._ttl = int(ttl)
        self._failed = failed
        self._clock = clock
        self._alone_until = float("-inf")

    async def get(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The blobs that are known, by key. Raises StoreDown."""
        wanted = list(keys)
        if not wanted:
            return {}
        blobs = await self._asked(lambda: self._client.mget([self._prefix + key for key in wanted]))
        return {key: blob for key, blob in zip(wanted, blobs, strict=True) if blob is not None}

    async def put(self, blobs: Mapping[str, bytes]) -> None:
        """Keep blobs for a while, all or none. Raises StoreDown."""
        async with self._client.pipeline(transaction=True) as pipeline:
            for key, blob in blobs.items():
                pipeline.set(self._prefix + key, blob, ex=self._ttl)
            await self._asked(pipeline.execute)

    async def add(self, key: str, blob: bytes, seconds: float) -> bytes | None:
        """Keep a blob for so long unless there is one by this key: returns that, None when the new one is kept.

        Of several that add at the same time one gets None. Raises StoreDown.
        """
        life = max(1, int(seconds * 1000))
        return await self._asked(lambda: self._add(keys=[self._prefix + key], args=[blob, life]))

    async def delete(self, key: str) -> bool:
        """Forget a blob; tells whether there was one. Raises StoreDown."""
        return bool(await self._asked(lambda: self._client.delete(self._prefix + key)))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _asked(self, command: Callable[[], Awaitable[T]]) -> T:
        if self._clock() < self._alone_until:
            self._failed()
            raise StoreDown("it failed a moment ago")
        try:
            return await command()
        except (ValkeyError, OSError) as error:
            self._failed()
            self._alone_until = self._clock() + PAUSE
            raise StoreDown(type(error).__name__) from error


def connect(url: str) -> Valkey:
    """A client that connects when it is first used. Raises ValueError for what is no such URL."""
    return Valkey.from_url(  # type: ignore[no-any-return]
        url.replace("valkey://", "redis://", 1).replace("valkeys://", "rediss://", 1),
        socket_timeout=SECONDS,
        socket_connect_timeout=SECONDS,
        health_check_interval=30,
    )
