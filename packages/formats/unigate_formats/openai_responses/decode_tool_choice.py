"""`tool_choice` of a Responses request → neutral tool choice.

https://platform.openai.com/docs/api-reference/responses/create#responses-create-tool_choice
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from unigate_core.errors import invalid_value, unsupported_value
from unigate_formats.neutral.request import ToolChoice
from unigate_formats.openai_responses.flat_name import flat_name

BUILTIN_KINDS: Mapping[str, str] = {
    "web_search": "web_search",
    "web_search_2025_08_26": "web_search",
    "web_search_preview": "web_search",
    "web_search_preview_2025_03_11": "web_search",
    "code_interpreter": "code_interpreter",
}

_PATH = "tool_choice"
_FUNCTIONS = ("function", "custom")


class Choice(msgspec.Struct, frozen=True):
    """The choice, and of `allowed_tools` the kinds of the vendor's own tools; None: all that are declared are allowed.

    `dropped` are the paths of allowed tools that run at OpenAI only.
    """

    choice: ToolChoice | None = None
    kinds: frozenset[str] | None = None
    dropped: tuple[str, ...] = ()


def read_tool_choice(value: Any, *, drop_unsupported: bool) -> Choice:
    """Read it. Raises RequestRefused."""
    match value:
        case None:
            return Choice()
        case "auto" | "none" | "required":
            return Choice(ToolChoice(mode=value, path=_PATH))
        case {"type": "allowed_tools", "mode": "auto" | "required" as mode, "tools": list(tools)}:
            return _allowed_tools(mode, tools, drop_unsupported=drop_unsupported)
        case {"type": "function" | "custom", "name": str(_)}:
            return Choice(ToolChoice(mode="named", path=_PATH, names=(_name(value),)))
        case {"type": str(kind)} if kind in BUILTIN_KINDS:
            return Choice(ToolChoice(mode="builtin", path=_PATH, names=(BUILTIN_KINDS[kind],)))
        case {"type": str(kind)} if kind not in (*_FUNCTIONS, "allowed_tools"):
            raise unsupported_value(_PATH, f"'{kind}' tools run at OpenAI only.")
    raise invalid_value(_PATH, "it does not name a tool.")


def check_declared(chosen: Choice, declared: frozenset[str]) -> None:
    """Raises RequestRefused when a tool of the vendor's own is chosen or allowed, but not declared."""
    choice = chosen.choice
    named = choice.names if choice is not None and choice.mode == "builtin" else ()
    for kind in sorted({*named, *(chosen.kinds or ())} - declared):
        raise invalid_value(_PATH, f"the tool '{kind}' is not declared in 'tools'.")


def _allowed_tools(mode: Any, tools: Sequence[Any], *, drop_unsupported: bool) -> Choice:
    names: list[str] = []
    kinds: set[str] = set()
    dropped: list[str] = []
    for i, tool in enumerate(tools):
        place = f"{_PATH}.tools[{i}]"
        match tool:
            case {"type": "function" | "custom", "name": str(_)}:
                names.append(_name(tool))
            case {"type": str(kind)} if kind in BUILTIN_KINDS:
                kinds.add(BUILTIN_KINDS[kind])
            case {"type": str(kind)} if kind not in _FUNCTIONS:
                if not drop_unsupported:
                    raise unsupported_value(place, f"'{kind}' tools run at OpenAI only.")
                dropped.append(place)
            case _:
                raise invalid_value(place, "it does not name a tool.")
    if not names and not kinds:
        raise unsupported_value(_PATH, "none of the allowed tools can be used here.")
    if mode == "required" and not names and len(kinds) == 1:
        return Choice(ToolChoice(mode="builtin", path=_PATH, names=tuple(kinds)), frozenset(kinds), tuple(dropped))
    return Choice(ToolChoice(mode=mode, path=_PATH, names=tuple(names)), frozenset(kinds), tuple(dropped))


def _name(tool: Any) -> str:
    namespace = tool.get("namespace")
    return flat_name(namespace, tool["name"]) if isinstance(namespace, str) and namespace else str(tool["name"])
