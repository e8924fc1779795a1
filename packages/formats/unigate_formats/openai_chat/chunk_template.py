"""Events of a stream that differ in their text alone: the shape of one, found once, rewrites all others by their bytes.

Most of a stream is such events. The shape is everything but the text: an event of the same shape has the same members
with the same values around a string, so whatever was decided about the first holds for it.
"""

from __future__ import annotations

import re

_TEXT_MEMBER = re.compile(
    rb'"(?:content|text|reasoning_content|reasoning|arguments|refusal|obfuscation)"[ \t]*:[ \t]*"'
)
_REST_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*')
# as a number, which bytes look for without making an error first
_QUOTE = 0x22
MAX_SHAPES = 32
"""A stream without two events of one shape in a row must not pay for every one of them."""


class ChunkTemplate:
    """One shape and what becomes of it. A shape is what stands before, between and after its texts."""

    __slots__ = ("_first", "_given", "_given_last", "_last", "_least", "_left", "_others", "_start", "_stop")

    def __init__(self, most: int = MAX_SHAPES) -> None:
        """`most` shapes are learned, each in place of the one before."""
        self._left = most
        # no event begins with this
        self._first = b"\0"
        self._start = self._least = 1
        self._stop = -1
        self._last = self._given_last = b""
        self._others: tuple[tuple[bytes, bytes], ...] = ()
        self._given = b""

    def learn(self, event: bytes, rewritten: bytes) -> None:
        """Take over what became of an event. It must depend on nothing but the event's shape."""
        if not self._left:
            return
        self._left -= 1
        shape, result = _parts(event), _parts(rewritten)
        if shape is None or result is None or len(shape) != len(result) or len(shape) == 1:
            return
        self._first, self._start = shape[0], len(shape[0])
        self._given = result[0]
        self._others = tuple(zip(shape[1:], result[1:], strict=True))
        self._stop = -len(shape[-1])
        self._least = self._start - self._stop
        # of the one text that most shapes have
        self._last, self._given_last = self._others[0] if len(self._others) == 1 else (b"", b"")

    def rewrite(self, event: bytes) -> bytes | None:
        """What becomes of an event of the shape that was learned; None for any other."""
        if not event.startswith(self._first):
            return None
        if self._last and event.endswith(self._last):
            # fast path: without an escaped quote no scan for the end of the string is needed
            text = event[self._start : self._stop]
            if _QUOTE not in text and text[-1:] != b"\\":
                return self._given + text + self._given_last if len(event) >= self._least else None
        return self._walk(event)

    def _walk(self, event: bytes) -> bytes | None:
        at = self._start
        out = [self._given]
        for part, given in self._others:
            end = _end_of_string(event, at)
            if not event.startswith(part, end):
                return None
            out += event[at:end], given
            at = end + len(part)
        return b"".join(out) if at == len(event) else None


def _parts(event: bytes) -> list[bytes] | None:
    """What stands around the texts of an event, each part but the first from the quote that ends a text."""
    parts, at = [], 0
    for member in _TEXT_MEMBER.finditer(event):
        if member.start() < at:
            return None
        parts.append(event[at : member.end()])
        at = _end_of_string(event, member.end())
    parts.append(event[at:])
    return parts


def _end_of_string(event: bytes, at: int) -> int:
    match = _REST_OF_STRING.match(event, at)
    return match.end() if match is not None else at
