"""Failures on request: how one is asked for, and what it does to a reply that would have been good.

A fault is asked for by a model called `sim-<fault>`, by the header `x-simulator-fault: <fault>`, or in the last user
text by `[[sim:<fault>]]`. An HTTP status is a fault of its own: `sim-429`. `429x3` happens three times, then no more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, TypeAlias

from unigate_simulator.wire import Json, Reply, Stream, Whole

HEADER: Final = "x-simulator-fault"
RETRY_AFTER_SECONDS: Final = 2

OVERFLOW: Final = "overflow"
CONTENT: Final = frozenset({"empty", "refusal", "safety"})
"""Faults of what is said; the rest are faults of how it is sent."""
TRANSPORT: Final = frozenset({"stall", "stall-mid", "cut", "eof", "malformed", "error-mid", "slow", "unknown-event"})

_IN_TEXT: Final = re.compile(r"\[\[sim:([a-z0-9-]+)\]\]")
_COUNTED: Final = re.compile(r"[a-z0-9-]+x\d+")
_SLOW_FIRST_BYTE: Final = 1.0
_SLOW_EVENT: Final = 0.25


class Act(Enum):
    STALL = auto()
    """Send nothing more, and wait until the client leaves."""
    CUT = auto()
    """Abort the connection."""


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


Step: TypeAlias = bytes | Pause | Act


def named(headers: Mapping[str, str], model: str, text: str) -> str | None:
    """The fault that the request asks for; None when it asks for none that we know."""
    asked = headers.get(HEADER, "").removeprefix("sim-")
    if not asked and (found := re.search(r"(?:^|/)sim-([a-z0-9-]+)$", model)):
        asked = found[1]
    if not asked and (marked := _IN_TEXT.search(text)):
        asked = marked[1]
    fault = asked.partition("x")[0] if _COUNTED.fullmatch(asked) else asked
    known = fault == OVERFLOW or fault in CONTENT or fault in TRANSPORT or status_of(fault) is not None
    return asked if known else None


def counted(asked: str) -> tuple[str, int | None]:
    """The fault, and how often it happens, None: always."""
    if _COUNTED.fullmatch(asked) is None:
        return asked, None
    fault, _, times = asked.partition("x")
    return fault, int(times)


def status_of(fault: str | None) -> int | None:
    """429 for `429`; None for a fault that is not an HTTP status."""
    return int(fault) if fault and re.fullmatch(r"[45]\d\d", fault) else None


def last_user_text(body: Json) -> str:
    """The text of the last user turn of any vendor's JSON; also the prompt or input of the other endpoints."""
    if not isinstance(body, dict):
        return ""
    for key in ("messages", "contents", "input", "prompt", "requests", "content"):
        if key in body:
            return _strings(_last_turn(body[key]))
    return ""


def _last_turn(turns: Json) -> Json:
    if not isinstance(turns, list):
        return turns
    for turn in reversed(turns):
        if not isinstance(turn, dict) or turn.get("role", "user") == "user":
            return turn
    return ""


def _strings(value: Json) -> str:
    """The texts in a JSON value, in their order, however deep they are."""
    found, left = [], [value]
    while left:
        now = left.pop()
        if isinstance(now, str):
            found.append(now if len(now) < 100_000 else "")
        elif isinstance(now, dict | list):
            left += reversed(now.values() if isinstance(now, dict) else now)
    return "\n".join(found)


def plan(
    reply: Reply, fault: str | None, pace: float, error_event: bytes, unknown_event: bytes = b""
) -> Sequence[Step]:
    """The reply as steps to take, one after the other; the response starts with the first bytes.

    `error_event` and `unknown_event` are what the vendor may put into a stream.
    """
    if isinstance(reply, Whole) and fault not in {"stall", "stall-mid", "cut", "eof", "malformed"}:
        return [Pause(_SLOW_FIRST_BYTE), reply.body] if fault == "slow" else [reply.body]
    events = _halves(reply) if isinstance(reply, Whole) else _written(reply)
    middle = max(1, len(events) // 2)
    match fault:
        case "stall":
            return [Act.STALL]
        case "stall-mid":
            return [*_paced(events[:middle], pace), Act.STALL]
        case "cut":
            return [*_paced(events[:middle], pace), Act.CUT]
        case "eof":
            return _paced(events[:middle], pace)
        case "malformed":
            return _paced(_malformed(reply), pace)
        case "error-mid":
            return _paced([*events[:middle], error_event], pace)
        case "unknown-event" if isinstance(reply, Stream) and reply.content_type.startswith("text/event-stream"):
            first, *others = reply.events
            return _paced(_written(replace(reply, events=(first, unknown_event, *others))), pace)
        case "slow":
            return [Pause(_SLOW_FIRST_BYTE), *_paced(events, max(pace, _SLOW_EVENT))]
    return _paced(events, pace)


def _paced(events: Sequence[bytes], pace: float) -> Sequence[Step]:
    if pace <= 0:
        return events
    steps: list[Step] = []
    for event in events:
        steps += [Pause(pace), event] if steps else [event]
    return steps


def _halves(reply: Whole) -> list[bytes]:
    middle = len(reply.body) // 2
    return [reply.body[:middle], reply.body[middle:]]


def _written(reply: Stream) -> list[bytes]:
    """Every fourth event is written in two pieces, since a network keeps no event whole."""
    written: list[bytes] = []
    for number, event in enumerate(reply.events, 1):
        written += [event[: len(event) // 2], event[len(event) // 2 :]] if number % 4 == 0 else [event]
    return written


def _malformed(reply: Reply) -> list[bytes]:
    if isinstance(reply, Whole):
        return [reply.body[: len(reply.body) // 2] + b'"}<html>']
    middle = max(1, len(reply.events) // 2)
    end = b"\r\n\r\n" if b"\r\n\r\n" in reply.events[0] else b"\n\n"
    return [*reply.events[:middle], b'data: {"broken": "in the mid' + end, *reply.events[middle:]]
