"""Ids of tool calls, one of its own for every call of a message.

Some models give calls side by side the same id, and clients send them back so; vendors refuse that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from unigate_formats.neutral.request import Part, ToolCallPart


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
