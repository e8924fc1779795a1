"""The configuration's file, watched: a good one takes effect at once and as a whole, a bad one changes nothing.

Files are looked at, not listened to: a mounted ConfigMap changes by a symbolic link two folders up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge

from unigate_core.files import file_signature
from unigate_core.telemetry.logs import get_logger
from unigate_edge.config.model import Config, ConfigError, load_config

log = get_logger("unigate.edge")

Signature = tuple[tuple[int, int, int] | None, ...]


class Reloader:
    """Hands on what the file says whenever it says something new."""

    def __init__(
        self,
        path: Path,
        config: Config,
        configure: Callable[[Config], None],
        registry: CollectorRegistry,
        *,
        keys_required: bool = False,
    ) -> None:
        """`config` is what the file says now; `keys_required`: without keys everyone would be let in."""
        self._path = path
        self._configure = configure
        self._keys_required = keys_required
        self._current = config
        self._last_signature = self._signature(config)
        self._asked = asyncio.Event()
        self._reloads = Counter(
            "unigate_config_reloads", "Changes of the configuration file, by result.", ("result",), registry=registry
        )
        self._last_ok = Gauge(
            "unigate_config_last_reload_successful",
            "Whether the present file is in use; 0: it was refused.",
            registry=registry,
        )
        self._last_ok.set(1)
        for result in ("applied", "refused"):
            self._reloads.labels(result)

    def request_reload(self) -> None:
        """Read the file again soon, changed or not."""
        self._last_signature = ()
        self._asked.set()

    async def reload(self) -> None:
        """Read the file now, changed or not."""
        self._last_signature = ()
        await self.poll()

    async def poll(self) -> None:
        """Read the file when it has changed."""
        signature = self._signature(self._current)
        if signature == self._last_signature:
            return
        self._last_signature = signature
        try:
            config = await asyncio.to_thread(load_config, self._path)
            self._refuse_open(config)
            if config != self._current:
                self._configure(config)
        except ConfigError as error:
            self._last_ok.set(0)
            self._reloads.labels("refused").inc()
            log.error("config_refused", reason=str(error))  # noqa: TRY400
            return
        self._current = config
        # a file of keys that was not named before is watched from now on
        self._last_signature = self._signature(config) if signature == self._signature(config)[: len(signature)] else ()
        self._last_ok.set(1)
        self._reloads.labels("applied").inc()
        log.info("config_applied", providers=sorted(config.providers), keys=len(config.keys))

    @asynccontextmanager
    async def watching(self, seconds: float) -> AsyncIterator[None]:
        """Look at an interval in seconds, and when asked, until the end of the context. 0: only when asked."""
        task = asyncio.create_task(self._watch(seconds or None))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _watch(self, seconds: float | None) -> None:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self._asked.wait()
            except TimeoutError:
                pass
            self._asked.clear()
            try:
                await self.poll()
            except Exception:
                log.exception("config_not_read")

    def _refuse_open(self, config: Config) -> None:
        if self._keys_required and not config.keys:
            raise ConfigError(f"{self._path}:1: keys: without any, everyone who reaches the edge could call")

    def _signature(self, config: Config) -> Signature:
        keys = () if config.keys_file is None else (file_signature(self._path.parent / config.keys_file),)
        return (file_signature(self._path), *keys)
