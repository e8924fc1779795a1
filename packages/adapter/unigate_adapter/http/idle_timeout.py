"""A bound for each of many waits in one task, by one timer for all of them instead of one for each."""

from __future__ import annotations

import asyncio


class IdleTimeout:
    """Cancels the task that waits for longer than the given seconds. To be closed in the end.

    `begin` comes before a wait and `end` after it. Of a CancelledError in between, `expired` says before `end` whether
    it is this timeout's.
    """

    __slots__ = ("_began", "_cancelling", "_expired", "_loop", "_seconds", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._cancelling = 0
        self._expired = False

    def begin(self) -> None:
        """The current task begins to wait, for one thing at a time."""
        task = self._task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("only a task can be cancelled")
        self._cancelling = task.cancelling()
        self._expired = False
        self._began = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self) -> None:
        """The wait is over."""
        self._task = None

    def expired(self) -> bool:
        """Whether this cancelled the task, and nothing else did in the meantime."""
        return self._expired and self._task is not None and self._task.uncancel() <= self._cancelling

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
