"""Whether a request's client is still there, told by a call instead of a task that waits: nearly all clients stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from unigate_core.errors import GatewayError
from unigate_edge.errors import ClientDisconnected


class ClientConnection:
    """The connection of one request. `error` is why the client is gone, None while it is there.

    `listener` is called when that becomes known.
    """

    __slots__ = ("error", "listener")

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.listener: Callable[[], object] | None = None

    def lose(self, error: Exception | None = None) -> None:
        """The client has left, or there is no way to answer it."""
        self.error = error or ClientDisconnected()
        if self.listener is not None:
            self.listener()

    def close(self) -> None:
        """Stop telling."""
        self.listener = None


class PolledConnection(ClientConnection):
    """The same, known from the end of a coroutine: of one that waits for ASGI's messages, or that reads a body."""

    __slots__ = ("_task",)

    def __init__(self, client: Coroutine[Any, Any, Any]) -> None:
        """`client` ends when the client leaves, and raises why its request is bad."""
        super().__init__()
        self._task = asyncio.ensure_future(client)
        self._task.add_done_callback(self._ended)

    def close(self) -> None:
        """Stop telling, and end the coroutine."""
        super().close()
        self._task.cancel()

    def _ended(self, done: asyncio.Future[Any]) -> None:
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            self.lose()
        elif isinstance(error, ClientDisconnected | GatewayError):
            self.lose(error)
