"""Bytes of an event stream, split anywhere → data of its events. https://html.spec.whatwg.org/multipage/server-sent-events.html

Lines end at LF, CRLF or CR and nowhere else: U+2028 and U+0085 are text.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8

from unigate_core.errors import UpstreamProtocol

LIMIT = 64 * 1024 * 1024
_EVENT_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)")


class EventDecoder:
    """Feed bytes, get the data of each complete event. `flush` gives an event that lacks its final blank line."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._pending: list[bytes] = []
        self._size = 0
        self._data: list[bytes] = []
        self._data_size = 0
        self._limit = limit
        self._after_cr = False
        self._begun = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completes."""
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        if not self._data and b"\r" not in chunk and chunk.endswith(b"\n\n"):
            plain = self._plain(chunk)
            if plain is not None:
                return plain
        if b"\r" in chunk:
            # A CR at the very end may be half of a CRLF.
            self._after_cr = chunk[-1:] == b"\r"
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        else:
            self._after_cr = False
        end = chunk.rfind(b"\n")
        if end < 0:
            self._hold(chunk)
            return []
        self._pending.append(chunk[:end])
        lines = b"".join(self._pending).split(b"\n")
        self._pending = []
        self._size = 0
        self._hold(chunk[end + 1 :])
        return self._events(lines)

    def _plain(self, chunk: bytes) -> list[bytes] | None:
        """The data of a chunk of whole events with one line of data each, which most chunks are; None for any other."""
        if self._pending:
            chunk = b"".join((*self._pending, chunk))
        if not chunk.startswith(b"data: "):
            return None
        events = chunk[6:-2].split(b"\n\ndata: ")
        if chunk.count(b"\n") != 2 * len(events):
            return None
        self._pending = []
        self._size = 0
        self._after_cr = False
        return events

    def flush(self) -> list[bytes]:
        """The stream has ended: the data of an event that was not closed by a blank line."""
        events = self._events([b"".join(self._pending), b""])
        self._pending = []
        return events

    def _hold(self, rest: bytes) -> None:
        if rest:
            self._pending.append(rest)
            self._size += len(rest)
            if self._size > self._limit:
                raise UpstreamProtocol("A line of the provider's stream is too long.")

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events = []
        if not self._begun:
            self._begun = True
            lines[0] = lines[0].removeprefix(BOM_UTF8)
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
                self._data_size += len(line)
                if self._data_size > self._limit:
                    raise UpstreamProtocol("An event of the provider's stream is too long.")
            elif not line and self._data:
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data = []
                self._data_size = 0
        return events


class EventSplitter:
    """Bytes of an event stream, split anywhere → the bytes of each complete event, with the blank line that ends it."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._pending = bytearray()
        self._limit = limit

    def feed(self, chunk: bytes) -> list[bytes]:
        """The events that this chunk completes. Raises UpstreamProtocol when one is too long."""
        seen = max(0, len(self._pending) - 3)  # a blank line may have begun with the last bytes
        self._pending += chunk
        events, start = [], 0
        ends = [end.end() for end in _EVENT_END.finditer(self._pending, seen)]
        for end in ends:
            events.append(bytes(self._pending[start:end]))
            start = end
        del self._pending[:start]
        if len(self._pending) > self._limit:
            raise UpstreamProtocol("An event of the provider's stream is too long.")
        return events

    def flush(self) -> bytes:
        """The stream has ended: what no blank line has ended."""
        rest, self._pending = bytes(self._pending), bytearray()
        return rest


def parse_event(raw: bytes) -> tuple[str, bytes]:
    """An event's name and data, empty where it has none. Comments are left out."""
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    name, data = "", []
    # only a stream's first event can begin with it
    for line in raw.removeprefix(BOM_UTF8).split(b"\n"):
        if line.startswith(b"data:"):
            data.append(line[6:] if line[5:6] == b" " else line[5:])
        elif line.startswith(b"event:"):
            name = line[6:].strip().decode("utf-8", "replace")
    return name, b"\n".join(data)


def frame(data: bytes, event: str = "") -> bytes:
    """One event as OpenAI writes it."""
    return b"event: %b\ndata: %b\n\n" % (event.encode(), data) if event else b"data: %b\n\n" % data


LAST = b"[DONE]"
"""The data of the last event of OpenAI's streams."""
DONE = frame(LAST)
