"""uvicorn, started from code: it listens, and on SIGTERM lets requests end before it does."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from unigate_core.telemetry.logs import get_logger
from unigate_edge.app import Edge
from unigate_edge.config.settings import Settings
from unigate_edge.http.connections import watch_dead_peers
from unigate_edge.http.protocol import HttpProtocol

log = get_logger("unigate.edge")


class Server(uvicorn.Server):
    """A server that first says it is not ready, then stops accepting, then waits for what runs."""

    def __init__(self, edge: Edge, settings: Settings, reload: Callable[[], None] = lambda: None) -> None:
        """`reload` is called on SIGHUP."""
        super().__init__(
            uvicorn.Config(
                edge,
                host=settings.host,
                port=settings.port,
                loop="uvloop",
                http=partial(HttpProtocol, edge.gateway.connections),  # type: ignore[arg-type]
                ws="none",
                lifespan="on",
                interface="asgi3",
                access_log=False,
                log_config=None,
                proxy_headers=False,
                server_header=False,
                backlog=2048,
                timeout_graceful_shutdown=max(1, round(settings.drain_seconds)),
            )
        )
        self._gateway = edge.gateway
        self._reload = reload
        self._delay = settings.drain_delay_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and let the kernel watch for clients that vanish."""
        await super().startup(sockets)
        connections = self._gateway.connections
        connections.open = self.server_state.connections  # type: ignore[assignment]
        for server in self.servers:
            for listener in server.sockets:
                watch_dead_peers(listener, unsent_seconds=connections.settings.write_timeout + 30)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: once a second, end connections that are too slow."""
        if counter % 10 == 0:
            self._gateway.connections.sweep(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on the first signal, stop at once on the second, and exit with 0 either way."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.drain)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def drain(self) -> None:
        """Begin to end; a second call ends at once."""
        if self._gateway.draining:
            self.should_exit = self.force_exit = True
            return
        self._gateway.draining = True
        log.info("draining", delay_seconds=self._delay)
        asyncio.get_running_loop().call_later(self._delay, self._stop_accepting)

    def _stop_accepting(self) -> None:
        self.should_exit = True
