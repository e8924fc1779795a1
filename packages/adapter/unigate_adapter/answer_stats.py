"""What is recorded of an answer while it is made: for headers, metering and the next turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from unigate_formats.neutral.events import UNKNOWN_FINISH_REASON, Event, Finish, Ignored, ReplayBlob, Start, Usage


class AnswerStats(msgspec.Struct):
    """What is known of an answer beside its content. Times in nanoseconds of the monotonic clock, 0: not yet."""

    dropped: set[str] = set()
    notes: list[str] = []
    upstream_request_id: str = ""
    headers: Mapping[str, str] = {}
    usages: dict[int, Usage] = {}
    finish_reasons: dict[int, str] = {}
    keep: dict[str, bytes] = {}
    ignored: dict[str, int] = {}
    id: str = ""
    model: str = ""
    sent_ns: int = 0
    first_byte_ns: int = 0
    read_ns: int = 0
    """When data last came from the vendor."""
    first_data_ns: int = 0
    """When the data came of which the stream's first data was made."""
    last_byte_ns: int = 0
    hold: Callable[[int], None] = lambda _: None
    """Counts bytes that the call holds until it is over. Raises GatewayError when all calls hold too many."""

    @property
    def usage(self) -> Usage | None:
        """The sum over all calls; None when no call reported any."""
        total: Usage | None = None
        for usage in self.usages.values():
            total = usage if total is None else total.plus(usage)
        return total

    def note(self, event: Event, call: int) -> None:
        """Take down what an event says. Raises TypeError for a value that no vendor documents."""
        match event:
            case Usage():
                self.usages[call] = event
            case Finish(str(reason), int(choice)):
                self.finish_reasons[choice] = reason
            case ReplayBlob(str(call_id), blob):
                self.keep[call_id] = blob
            case Finish() | ReplayBlob():
                raise TypeError("a finish reason or an id that is no string")
            case Ignored(str(kind)):
                if kind == UNKNOWN_FINISH_REASON and kind not in self.notes:
                    self.notes.append(kind)
                self.ignored[kind] = self.ignored.get(kind, 0) + 1
            case Start(str(id), str(model)) if not self.model:
                self.id, self.model = id, model
