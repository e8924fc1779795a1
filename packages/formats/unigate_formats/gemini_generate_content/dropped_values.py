"""What a translation did that a careful client may want to know."""

from __future__ import annotations

import msgspec

from unigate_formats.neutral.notes import add_note


class DroppedValues(msgspec.Struct):
    """Collected while one request is translated: notes on changed shapes, JSON paths of what was dropped."""

    notes: list[str] = msgspec.field(default_factory=list)
    dropped: list[str] = msgspec.field(default_factory=list)

    def note(self, word: str) -> None:
        """Remember a shape change, once."""
        add_note(self.notes, word)

    def drop(self, path: str) -> None:
        """Remember a dropped member."""
        self.dropped.append(path)
