"""An answer, recorded while it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


class RecordedAnswer(msgspec.Struct, frozen=True):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class AnswerRecorder:
    """Listens to an exchange's ASGI messages. Gives up when the answer grows larger than `max_bytes`."""

    def __init__(self, max_bytes: int, keeps: Callable[[bytes], bool]) -> None:
        """`keeps` says by its name whether a header is part of what is recorded."""
        self._max_bytes = max_bytes
        self._keeps = keeps
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._complete = False

    def note(self, message: Any) -> None:
        """Take over one ASGI message."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [field for field in message["headers"] if self._keeps(field[0])]
            return
        body = message.get("body", b"")
        self._size += len(body)
        if self._size <= self._max_bytes:
            self._parts.append(body)
        else:
            self._parts.clear()
        self._complete = not message.get("more_body", False)

    def answer(self) -> RecordedAnswer | None:
        """What was sent. None: it is not whole, or too large."""
        if not self._complete or self._size > self._max_bytes:
            return None
        return RecordedAnswer(self._status, self._headers, b"".join(self._parts))
