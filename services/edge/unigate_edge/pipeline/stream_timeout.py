"""How long a stream may stay silent: one timer that looks seldom, so that frames cost nothing."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Protocol

from grpc.aio import Call

from unigate_core.errors import SERVER_ERROR
from unigate_edge.errors import HopError


class Activity(Protocol):
    """Something that knows when it last received data."""

    begun: bool
    """Whether there was a first byte."""
    last_heard: float
    """By the loop's clock; infinity while it does not listen."""


class StreamTimeout:
    """A context in which a call that stays silent for too long is cancelled. Raises HopError then. None: any time."""

    def __init__(self, call: Call, stream: Activity, first_byte: float | None, idle: float | None) -> None:
        self._call = call
        self._stream = stream
        self._first_byte = first_byte
        self._idle = idle
        self._over = False
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        self._check()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        task = asyncio.current_task()
        if self._over and isinstance(error, asyncio.CancelledError) and task is not None and not task.cancelling():
            raise HopError(
                "The provider stayed silent for too long.", status=504, type=SERVER_ERROR, code="timeout"
            ) from None

    def _check(self) -> None:
        limit = self._idle if self._stream.begun else self._first_byte
        now = self._loop.time()
        if limit is not None and now - self._stream.last_heard >= limit:
            self._over = True
            self._call.cancel()
            return
        # the other limit may hold by then
        shortest = min((each for each in (self._idle, self._first_byte) if each is not None), default=None)
        if shortest is not None:
            due = now + shortest if limit is None else min(self._stream.last_heard, now) + limit
            self._timer = self._loop.call_at(max(due, now + 0.01), self._check)
