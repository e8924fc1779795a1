"""Which members of the request no encoder takes: they are dropped and reported, never lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from unigate_core.errors import unknown_parameter
from unigate_formats.neutral.extensions import KnownExtensions
from unigate_formats.neutral.request import ChatRequest, ToolResultPart

_NONE: frozenset[str] = frozenset()


def drop_extensions(chat: ChatRequest, known: KnownExtensions, *, drop_unsupported: bool) -> list[str]:
    """The paths of the members that the vendor does not know. Raises RequestRefused where they must not be dropped."""
    dropped = [
        item.path
        for holder in _holders(chat)
        for item in getattr(holder, "extensions", ())
        if item.name not in known.get(type(holder), _NONE)
    ]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    return dropped


def _holders(chat: ChatRequest) -> Iterator[Any]:
    for turn in chat.turns:
        yield turn
        for part in turn.parts:
            yield part
            if isinstance(part, ToolResultPart):
                yield from part.content
    yield from chat.tools
