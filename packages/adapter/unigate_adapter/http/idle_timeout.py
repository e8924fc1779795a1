"""A bound for each of many waits in one task, by one timer for all of them instead of one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class IdleTimeout:
    """Raises TimeoutError out of a wait that takes longer than so many seconds. To be closed in the end."""

    __slots__ = ("_began", "_expired", "_loop", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._expired = False

    async def wait(self, awaited: Awaitable[T]) -> T:
        """What is awaited. Raises TimeoutError. One at a time."""
        self._task = task = asyncio.current_task()
        self._began = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)
        cancelling = task.cancelling() if task is not None else 0
        try:
            return await awaited
        except asyncio.CancelledError:
            # who else cancelled the task in the meantime means it
            if self._expired and task is not None and task.uncancel() <= cancelling:
                raise TimeoutError from None
            raise
        finally:
            self._task = None

    def close(self) -> None:
        """Stop the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """End a wait that is too long; else look again when it would be."""
        now = self._loop.time()
        due = (self._began if self._task is not None else now) + self._seconds
        if self._task is not None and now >= due:
            self._expired = True
            self._timer = None
            self._task.cancel()
            return
        self._timer = self._loop.call_at(due, self._look)
