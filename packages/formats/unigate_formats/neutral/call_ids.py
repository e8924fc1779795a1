"""Ids of tool calls, one of its own for every call of a message.

Some models give calls side by side the same id, and clients send them back so; vendors refuse that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from unigate_formats.neutral.request import Part, ToolCallPart

GivenCall = tuple[str, ToolCallPart]
"""A call with the id that the client gave it: of calls with one id, the later ones have others."""


def accepted_id(call_id: str, accepted: re.Pattern[str], prefix: str) -> str:
    """The id of a call as a vendor takes it: others than it accepts are hashed, the same for call and result."""
    if accepted.fullmatch(call_id):
        return call_id
    return prefix + hashlib.sha256(call_id.encode(errors="replace")).hexdigest()[:24]


def unique_call_ids(parts: Sequence[Part]) -> tuple[tuple[Part, ...], Mapping[str, list[str]]]:
    """The parts of a message, and by each id that was there more than once those that its later calls have now."""
    taken = {part.id for part in parts if isinstance(part, ToolCallPart)}
    met: set[str] = set()
    later: dict[str, list[str]] = {}
    unique: list[Part] = []
    for part in parts:
        if isinstance(part, ToolCallPart):
            if part.id in met:
                number = len(later.setdefault(part.id, [])) + 2
                while (id_ := f"{part.id}_{number}") in taken:
                    number += 1
                taken.add(id_)
                later[part.id].append(id_)
                unique.append(msgspec.structs.replace(part, id=id_))
                continue
            met.add(part.id)
        unique.append(part)
    return tuple(unique), later


def calls_of(parts: Sequence[Part]) -> tuple[tuple[Part, ...], list[GivenCall]]:
    """The parts of a message with an id of its own for every call, and the calls, each with the id it was given."""
    given = [part.id for part in parts if isinstance(part, ToolCallPart)]
    unique, _ = unique_call_ids(parts)
    return unique, list(zip(given, (part for part in unique if isinstance(part, ToolCallPart)), strict=True))
