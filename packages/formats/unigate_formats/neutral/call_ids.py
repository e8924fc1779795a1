"""Ids of tool calls, one of its own for every call of a message.

Some models give calls side by side the same id, and clients send them back so; vendors refuse that.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec

from unigate_formats.neutral.request import Part, ToolCallPart


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
