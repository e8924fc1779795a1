"""Names of tools that Anthropic's or Google's API takes and others do not, under names that all of them take.

OpenAI's rule is the strictest: 64 letters, digits, `_` and `-`. The mapping is deterministic, so that earlier
calls and prompt caches still match.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from unigate_formats.neutral.events import Event, ToolCall
from unigate_formats.neutral.request import ChatRequest, Part, ToolCallPart, ToolResultPart, Turn

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
RENAMED: Final = "tools_renamed"
_OTHER: Final = re.compile(r"[^A-Za-z0-9_-]")
_KEPT: Final = 55


def portable_name(name: str) -> str:
    """The name, or one made of its beginning and its hash where not all vendors take it."""
    if NAME.fullmatch(name):
        return name
    return f"{_OTHER.sub('_', name)[:_KEPT]}_{sha256(name.encode()).hexdigest()[:8]}"


def with_portable_names(chat: ChatRequest) -> tuple[ChatRequest, Mapping[str, str]]:
    """The request with such names everywhere, and the client's own by the new ones; empty where nothing changed."""
    changed = {name: portable_name(name) for name in _names(chat) if not NAME.fullmatch(name)}
    if not changed:
        return chat, {}
    choice = chat.tool_choice
    if choice is not None:
        choice = replace(choice, names=tuple(changed.get(name, name) for name in choice.names))
    tools = tuple(replace(tool, name=changed.get(tool.name, tool.name)) for tool in chat.tools)
    turns = tuple(_turn(turn, changed) for turn in chat.turns)
    renamed = replace(chat, tools=tools, tool_choice=choice, turns=turns, notes=(*chat.notes, RENAMED))
    return renamed, {other: name for name, other in changed.items()}


def with_own_names(events: Sequence[Event], names: Mapping[str, str]) -> list[Event]:
    """The events with the client's names of its tools."""
    return [
        replace(event, name=names.get(event.name, event.name)) if isinstance(event, ToolCall) else event
        for event in events
    ]


def _names(chat: ChatRequest) -> set[str]:
    parts = (part for turn in chat.turns for part in turn.parts)
    used = {part.name for part in parts if isinstance(part, ToolCallPart | ToolResultPart)}
    return used | {tool.name for tool in chat.tools}


def _turn(turn: Turn, changed: Mapping[str, str]) -> Turn:
    return replace(turn, parts=tuple(_part(part, changed) for part in turn.parts))


def _part(part: Part, changed: Mapping[str, str]) -> Part:
    if isinstance(part, ToolCallPart | ToolResultPart) and part.name in changed:
        return replace(part, name=changed[part.name])
    return part
