"""Stop sequences that the gateway minds itself, for models that take none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from unigate_formats.neutral.events import Event, Finish, Text, ToolArguments, ToolCall, ToolEnd

NOTE: Final = "stop_emulated"
MAX_STOPS: Final = 16


class StopCutter:
    """The text of one choice up to the first stop sequence. What may be the beginning of one is held back."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.ended = False
        """Whether a sequence was found: nothing more is said."""

    def feed(self, text: str) -> str:
        """What can be said of the text so far."""
        if self.ended:
            return ""
        text = self._held + text
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.ended, self._held = True, ""
            return text[: min(found)]
        held = max(_overlap(text, stop) for stop in self._stops)
        said = text[: len(text) - held]
        self._held = text[len(said) :]
        return said

    def flush(self) -> str:
        """What was held back, at the end of the answer."""
        held, self._held = self._held, ""
        return held


class StoppedEvents:
    """The events of an answer, with each choice's text and calls up to the first stop sequence."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._cutters: dict[int, StopCutter] = {}

    def cut(self, batch: Iterable[Event]) -> list[Event]:
        """The events of a batch up to the stop sequence."""
        return [kept for event in batch for kept in self._cut(event)]

    def _cut(self, event: Event) -> Iterable[Event]:
        if not isinstance(event, Text | Finish | ToolCall | ToolArguments | ToolEnd):
            return (event,)
        cutter = self._cutters.setdefault(event.choice, StopCutter(self._stops))
        match event:
            case Text():
                said = cutter.feed(event.text)
                return (Text(said, choice=event.choice),) if said else ()
            case Finish():
                held = cutter.flush()
                end = Finish("stop", event.choice) if cutter.ended else event
                return (Text(held, choice=event.choice), end) if held else (end,)
        return () if cutter.ended else (event,)


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of the text may begin the sequence."""
    return next((size for size in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:size])), 0)
