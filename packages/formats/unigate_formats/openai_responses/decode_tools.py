"""Tools and tool choice of a Responses request → neutral tools. https://platform.openai.com/docs/guides/tools"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from unigate_core.errors import RequestRefused, invalid_value, unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.request import BuiltinTool, Tool, ToolChoice, WebSearch
from unigate_formats.openai_chat.decode_tools import check_tools

BUILTIN_KINDS: Mapping[str, str] = {
    "web_search": "web_search",
    "web_search_2025_08_26": "web_search",
    "web_search_preview": "web_search",
    "web_search_preview_2025_03_11": "web_search",
    "code_interpreter": "code_interpreter",
}


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What the request lets the model use."""

    functions: tuple[Tool, ...] = ()
    builtins: tuple[BuiltinTool, ...] = ()
    web_search: WebSearch | None = None
    choice: ToolChoice | None = None


def read_tools(tools: list[Json] | None, tool_choice: Any, max_tool_calls: int | None) -> Toolbox:
    """Read both. Raises RequestRefused."""
    functions: list[Tool] = []
    builtins: list[BuiltinTool] = []
    search: WebSearch | None = None
    for i, tool in enumerate(tools or ()):
        path = f"tools[{i}]"
        kind = tool.get("type")
        if kind in ("function", "custom"):
            functions.append(_function(tool, path))
        elif BUILTIN_KINDS.get(str(kind)) == "web_search":
            search = _web_search(tool, path, max_tool_calls)
        elif kind == "code_interpreter":
            builtins.append(_code_interpreter(tool, path, max_tool_calls))
        else:
            raise unsupported_value(f"{path}.type", f"'{kind}' tools run at OpenAI only.")
    choice = _choice(tool_choice)
    has_builtins = bool(builtins) or search is not None
    check_tools(tuple(functions), None if has_builtins and not functions else choice)
    if choice and choice.mode == "builtin":
        _check_builtin_choice(choice, builtins, search)
    return Toolbox(tuple(functions), tuple(builtins), search, choice)


def _function(tool: Json, path: str) -> Tool:
    name = tool.get("name")
    if not isinstance(name, str):
        raise RequestRefused(
            f"Missing required parameter: '{path}.name'.", param=f"{path}.name", code="missing_required_parameter"
        )
    if tool.get("defer_loading"):
        raise unsupported_parameter(f"{path}.defer_loading", "Tools are not searched here; declare them at once.")
    if any(caller != "direct" for caller in tool.get("allowed_callers") or ()):
        raise unsupported_parameter(f"{path}.allowed_callers", "Tools are called by the model alone.")
    if tool["type"] == "custom":
        if (tool.get("format") or {}).get("type", "text") != "text":
            raise unsupported_value(f"{path}.format", "grammars cannot be enforced by this provider.")
        return Tool(name=name, path=path, description=tool.get("description"), custom=True)
    parameters = tool.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise invalid_value(f"{path}.parameters", "a JSON Schema is an object.")
    return Tool(
        name=name,
        path=path,
        description=tool.get("description"),
        parameters=parameters,
        strict=tool.get("strict") is True,
    )


def _web_search(tool: Json, path: str, max_uses: int | None) -> WebSearch:
    if tool.get("external_web_access") is False:
        raise unsupported_value(f"{path}.external_web_access", "there is no search without access to the web.")
    if tool.get("search_content_types") not in (None, ["text"]):
        raise unsupported_value(f"{path}.search_content_types", "only text is searched.")
    filters = tool.get("filters") or {}
    for name, value in filters.items():
        if name != "allowed_domains" and value:
            raise unsupported_parameter(f"{path}.filters.{name}", "Only domains to search in can be named.")
    location = {key: value for key, value in (tool.get("user_location") or {}).items() if key != "type" and value}
    return WebSearch(
        path=path,
        context_size=tool.get("search_context_size"),
        location=location or None,
        allowed_domains=tuple(filters.get("allowed_domains") or ()),
        max_uses=max_uses,
    )


def _code_interpreter(tool: Json, path: str, max_tool_calls: int | None) -> BuiltinTool:
    if max_tool_calls is not None:
        raise unsupported_parameter("max_tool_calls", "Runs of code cannot be limited.")
    container = tool.get("container")
    if isinstance(container, dict):
        for name, value in container.items():
            if name != "type" and value:
                raise unsupported_parameter(f"{path}.container.{name}", "The container is the provider's own.")
    return BuiltinTool(kind="code_interpreter", path=path, options=tool)


def _choice(value: Any) -> ToolChoice | None:
    path = "tool_choice"
    match value:
        case None:
            return None
        case "auto" | "none" | "required":
            return ToolChoice(mode=value, path=path)
        case {"type": "allowed_tools", "mode": "auto" | "required" as mode, "tools": list(tools)}:
            return ToolChoice(mode=mode, path=path, names=tuple(_allowed(tool, path) for tool in tools))
        case {"type": "function" | "custom", "name": str(name)}:
            return ToolChoice(mode="named", path=path, names=(name,))
        case {"type": str(kind)} if kind in BUILTIN_KINDS:
            return ToolChoice(mode="builtin", path=path, names=(BUILTIN_KINDS[kind],))
        case {"type": str(kind)} if kind not in ("function", "custom", "allowed_tools"):
            raise unsupported_value(path, f"'{kind}' tools run at OpenAI only.")
    raise invalid_value(path, "it names no tool.")


def _allowed(tool: Any, path: str) -> str:
    match tool:
        case {"type": "function" | "custom", "name": str(name)}:
            return name
    raise unsupported_value(path, "only functions and custom tools can be allowed by name.")


def _check_builtin_choice(choice: ToolChoice, builtins: list[BuiltinTool], search: WebSearch | None) -> None:
    declared = {tool.kind for tool in builtins} | ({"web_search"} if search else set())
    if choice.names[0] not in declared:
        raise invalid_value(choice.path, f"the tool '{choice.names[0]}' is not declared in 'tools'.")
