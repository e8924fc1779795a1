"""Tools of chat completions → neutral tools. https://platform.openai.com/docs/guides/function-calling"""

from __future__ import annotations

from typing import Any

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_formats.neutral.extensions import Extensions, read_extensions
from unigate_formats.neutral.request import Tool, ToolChoice
from unigate_formats.neutral.typed import mapping, string

_TOOL = frozenset({"custom", "function", "type"})
_FUNCTION = frozenset({"description", "name", "parameters", "strict"})
_CUSTOM = frozenset({"description", "format", "name"})


def decode_tools(body: Json, dropped: list[str], *, drop_unsupported: bool) -> tuple[tuple[Tool, ...], bool]:
    """The tools, and whether they came in the older `functions`. Appends to `dropped`. Raises RequestRefused."""
    if body.get("tools"):
        tools = [
            _tool(tool, f"tools[{i}]", dropped, drop_unsupported=drop_unsupported)
            for i, tool in enumerate(body["tools"])
        ]
        return tuple(tools), False
    functions = body.get("functions") or []
    return tuple(_function(f, f"functions[{i}]") for i, f in enumerate(functions)), bool(functions)


def _tool(tool: Json, path: str, dropped: list[str], *, drop_unsupported: bool) -> Tool:
    beside = read_extensions(tool, _TOOL, path)
    if tool["type"] == "custom":
        custom = tool["custom"]
        description, has_grammar = described_grammar(custom, f"{path}.custom")
        if has_grammar and not drop_unsupported:
            raise invalid_value(f"{path}.custom.format", "grammars cannot be enforced by this provider.")
        if has_grammar:
            dropped.append(f"{path}.custom.format")
        return Tool(
            name=custom["name"],
            path=f"{path}.custom",
            description=description,
            custom=True,
            extensions=beside + read_extensions(custom, _CUSTOM, f"{path}.custom"),
        )
    return _function(tool["function"], f"{path}.function", beside)


def _function(function: Json, path: str, beside: Extensions = ()) -> Tool:
    return Tool(
        name=function["name"],
        path=path,
        description=function.get("description"),
        parameters=function.get("parameters"),
        strict=bool(function.get("strict")),
        extensions=beside + read_extensions(function, _FUNCTION, path),
    )


def decode_tool_choice(body: Json) -> ToolChoice | None:
    """The tools that may or must be called. Raises RequestRefused."""
    if "tool_choice" not in body and body.get("function_call") is not None:
        return _choice(body["function_call"], "function_call")
    return _choice(body.get("tool_choice"), "tool_choice")


def _choice(value: Any, path: str) -> ToolChoice | None:
    match value:
        case None:
            return None
        case "auto" | "none" | "required":
            return ToolChoice(mode=value, path=path)
        case {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}:
            return ToolChoice(mode=mode, path=path, names=tuple(_allowed_name(tool, path) for tool in tools))
        case {"function": {"name": name}} | {"custom": {"name": name}} | {"name": name}:
            return ToolChoice(mode="named", path=path, names=(name,))
    raise invalid_value(path, "it does not name a tool.")


def _allowed_name(tool: Json, path: str) -> str:
    match tool:
        case {"function": {"name": str(name)}} | {"custom": {"name": str(name)}} | {"name": str(name)}:
            return name
    raise invalid_value(path, "an allowed tool has no name.")


def described_grammar(custom: Json, path: str) -> tuple[str | None, bool]:
    """The description of a custom tool, and whether it has a grammar: the model reads it, and is not held to it."""
    form = mapping(custom.get("format"), f"{path}.format")
    description = string(custom.get("description"), f"{path}.description")
    if form.get("type", "text") == "text":
        return description, False
    form = mapping(form.get("grammar"), f"{path}.format.grammar") or form
    grammar = f"The input has to follow this grammar ({form.get('syntax')}):\n{form.get('definition')}"
    return f"{description}\n\n{grammar}" if description else grammar, True
