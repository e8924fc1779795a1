"""Checks of tools that hold for every translated provider."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from unigate_core.errors import invalid_value
from unigate_formats.neutral.request import Tool, ToolChoice
from unigate_formats.neutral.schema_limits import MAX_NODES
from unigate_formats.neutral.tool_names import NAME

MAX_DEPTH = 64
_OTHER_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,256}")


def without_repeated(tools: Iterable[Tool]) -> tuple[tuple[Tool, ...], list[str]]:
    """The tools without those that are declared again in the same words, and the paths of these."""
    kept: list[Tool] = []
    first: dict[str, Tool] = {}
    repeated: list[str] = []
    for tool in tools:
        earlier = first.setdefault(tool.name, tool)
        if earlier is tool or replace(tool, path=earlier.path) != earlier:
            kept.append(tool)
        else:
            repeated.append(tool.path)
    return tuple(kept), repeated


def check_tools(tools: tuple[Tool, ...], choice: ToolChoice | None, *, any_name: bool = False) -> None:
    """Names are well formed, unique and, where chosen, declared; schemas have a bounded size. Raises RequestRefused.

    `any_name`: the client's API takes other names than OpenAI's, so they may be whatever can be given another one.
    """
    names: set[str] = set()
    for tool in tools:
        if any_name and not _OTHER_NAME.fullmatch(tool.name):
            raise invalid_value(f"{tool.path}.name", "a name has 1 to 256 characters.")
        if not any_name and not NAME.fullmatch(tool.name):
            raise invalid_value(f"{tool.path}.name", "a name has 1 to 64 of the characters a-z, A-Z, 0-9, _ and -.")
        if tool.name in names:
            raise invalid_value(f"{tool.path}.name", f"'{tool.name}' is declared twice.")
        names.add(tool.name)
        if tool.parameters is not None:
            check_schema_size(tool.parameters, f"{tool.path}.parameters")
    if choice is None or choice.mode == "builtin":
        return
    if choice.mode in ("required", "named") and not tools:
        raise invalid_value(choice.path, "it is only allowed when 'tools' are given.")
    for name in choice.names:
        if name not in names:
            raise invalid_value(choice.path, f"the tool '{name}' is not declared in 'tools'.")


def check_schema_size(schema: Any, path: str) -> None:
    """Refuse JSON Schemas that are too deep or too large to be walked. Raises RequestRefused."""
    nodes = 0
    stack = [(schema, 1)]
    while stack:
        node, depth = stack.pop()
        nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise invalid_value(path, f"a schema has at most {MAX_DEPTH} levels and {MAX_NODES} nodes.")
        if isinstance(node, dict):
            stack += [(child, depth + 1) for child in node.values() if isinstance(child, dict | list)]
        elif isinstance(node, list):
            stack += [(child, depth + 1) for child in node if isinstance(child, dict | list)]
