"""Characters that a vendor cut between two events of a stream.

JSON writes what lies beyond the basic plane, such as emoji, as two escapes (`\\ud83d\\ude00`); a vendor that cuts its
text by code units sends the first half in one event and the second in the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from unigate_core.json import well_formed
from unigate_formats.neutral.events import Event, Reasoning, Refusal, Text, ToolArguments

_PIECES = (Text, Reasoning, Refusal, ToolArguments)
_FIRST_HALF = range(0xD800, 0xDC00)


class SplitCharacters:
    """Joins the halves of one stream. A half whose other half never comes becomes U+FFFD."""

    def __init__(self) -> None:
        self._active = False
        self._held: dict[int, Event] = {}

    def notice(self, events: Sequence[bytes]) -> None:
        """Take note of the JSON of events: nothing is done before one holds half a character."""
        if not self._active:
            data = b"".join(events)
            self._active = b"\\ud" in data or b"\\uD" in data

    def join(self, batch: list[Event], *, end: bool = False) -> list[Event]:
        """The events with whole characters. `end`: what is held is sent, too."""
        if not self._active:
            return batch
        joined = [whole for event in batch for whole in self._join(event)]
        return joined + [whole for choice in list(self._held) for whole in self._flush(choice)] if end else joined

    def _join(self, event: Event) -> list[Event]:
        choice = getattr(event, "choice", None)
        if not isinstance(event, _PIECES):
            return [*(self._flush(choice) if choice is not None else ()), _repaired(event)]
        whole: list[Event] = []
        text = event.text
        held = self._held.get(event.choice)
        if held is not None and _same_text(held, event):
            text = self._held.pop(event.choice).text + text  # type: ignore[union-attr]
        elif held is not None:
            whole = self._flush(event.choice)
        if text and ord(text[-1]) in _FIRST_HALF:
            self._held[event.choice] = msgspec.structs.replace(event, text=text[-1])
            text = text[:-1]
        return [*whole, msgspec.structs.replace(event, text=well_formed(text))] if text else whole

    def _flush(self, choice: int) -> list[Event]:
        held = self._held.pop(choice, None)
        return [] if held is None else [_repaired(held)]


def _same_text(one: Event, other: Event) -> bool:
    return type(one) is type(other) and getattr(one, "index", 0) == getattr(other, "index", 0)


def _repaired(value: Any) -> Any:
    """An event that holds whole texts, such as a finished thought, with the halves in them joined."""
    if isinstance(value, msgspec.Struct):
        changes = {name: _repaired(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(_repaired(item) for item in value)
    return well_formed(value)
