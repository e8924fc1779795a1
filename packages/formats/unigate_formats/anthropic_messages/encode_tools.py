"""Tools and the choice among them → `tools` and `tool_choice`. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview"""

from __future__ import annotations

from dataclasses import dataclass, field

from unigate_core.errors import unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_schema import plain, restricted
from unigate_formats.anthropic_messages.request_state import JSON_TOOL
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import BuiltinTool, ChatRequest, ResponseFormat, Tool, WebSearch
from unigate_formats.openai_chat.decode_tools import CUSTOM_SCHEMA

_LOCATION = ("city", "country", "region", "timezone")
_BUILTIN_NAMES = {"web_search": "web_search", "web_search_preview": "web_search", "code_interpreter": "code_execution"}


@dataclass(slots=True)
class Tools:
    """The native tools; `container` is where code runs when the client named one."""

    tools: list[Json] = field(default_factory=list)
    choice: Json | None = None
    container: str | None = None
    server_tools: bool = False
    dropped: list[str] = field(default_factory=list)
    relaxed: bool = False


def to_tools(chat: ChatRequest, model: ModelInfo, *, drop_unsupported: bool = False) -> Tools:
    """Translate declarations and choice. Raises RequestRefused."""
    native = Tools()
    for tool in _allowed(chat):
        native.tools.append(_function(native, tool, model, drop_unsupported=drop_unsupported))
    if chat.web_search is not None:
        native.tools.append(_web_search(native, chat.web_search))
    for builtin in chat.builtin_tools:
        native.tools.append(_builtin(native, builtin, model))
    native.server_tools = len(native.tools) > sum("input_schema" in tool for tool in native.tools)
    names = [tool["name"] for tool in native.tools]
    for tool in chat.tools:
        if names.count(tool.name) > 1:
            raise unsupported_value(f"{tool.path}.name", f"'{tool.name}' is the name of a tool of Anthropic's own.")
    native.choice = _choice(chat) if native.tools else None
    return native


def json_tool(form: ResponseFormat, chat: ChatRequest) -> tuple[Json, Json]:
    """The tool that stands in for a JSON mode, and the choice that forces it. Raises RequestRefused."""
    if chat.tools or chat.builtin_tools or chat.web_search:
        raise unsupported_value(form.path, "this model has no such JSON mode beside tools.")
    if form.schema is not None and form.schema.get("type", "object") != "object":
        raise unsupported_value(form.path, "this model makes JSON objects only.")
    tool: Json = {
        "name": JSON_TOOL,
        "description": form.description or "Give the answer by calling this tool.",
        "input_schema": plain(form.schema) if form.schema is not None else {"type": "object"},
    }
    return tool, {"type": "tool", "name": JSON_TOOL, "disable_parallel_tool_use": True}


def _allowed(chat: ChatRequest) -> list[Tool]:
    choice = chat.tool_choice
    if choice is None or choice.mode not in ("auto", "required") or not choice.names:
        return list(chat.tools)
    return [tool for tool in chat.tools if tool.name in choice.names]


def _function(native: Tools, tool: Tool, model: ModelInfo, *, drop_unsupported: bool) -> Json:
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.custom:
        function["input_schema"] = CUSTOM_SCHEMA
        return function
    schema = plain(tool.parameters or {})
    strict = tool.strict
    if strict and "structured_outputs" not in model.features:
        if not drop_unsupported:
            raise unsupported_value(f"{tool.path}.strict", f"{model.id} cannot be held to a schema.")
        native.dropped.append(f"{tool.path}.strict")
        strict = False
    if strict:
        schema, relaxed = restricted(schema, f"{tool.path}.parameters")
        native.relaxed = native.relaxed or relaxed
        function["strict"] = True
    function["input_schema"] = {"type": "object", "properties": {}} | schema
    return function


def _web_search(native: Tools, search: WebSearch) -> Json:
    tool: Json = {"type": "web_search_20250305", "name": "web_search"}
    place = {key: search.location[key] for key in _LOCATION if search.location.get(key)} if search.location else {}
    if place:
        tool["user_location"] = {"type": "approximate", **place}
    if search.allowed_domains:
        tool["allowed_domains"] = list(search.allowed_domains)
    if search.max_uses is not None:
        tool["max_uses"] = search.max_uses
    if search.context_size not in (None, "medium"):
        native.dropped.append(f"{search.path}.search_context_size")
    return tool


def _builtin(native: Tools, tool: BuiltinTool, model: ModelInfo) -> Json:
    if tool.kind != "code_interpreter":
        raise unsupported_value(f"{tool.path}.type", f"Anthropic has no tool '{tool.kind}'.")
    container = tool.options.get("container")
    if isinstance(container, str):
        native.container = container
    elif isinstance(container, dict) and container.get("file_ids"):
        raise unsupported_parameter(f"{tool.path}.container.file_ids", "These files are unknown to Anthropic.")
    version = "20250522" if model.id.startswith("claude-3") else "20250825"
    return {"type": f"code_execution_{version}", "name": "code_execution"}


def _choice(chat: ChatRequest) -> Json | None:
    choice = chat.tool_choice
    mode = choice.mode if choice else "auto"
    native: Json
    match mode:
        case "none":
            return {"type": "none"}
        case "required":
            native = {"type": "any"}
        case "named" if choice:
            native = {"type": "tool", "name": choice.names[0]}
        case "builtin" if choice:
            name = _BUILTIN_NAMES.get(choice.names[0])
            if name is None:
                raise unsupported_value(choice.path, f"Anthropic has no tool '{choice.names[0]}'.")
            native = {"type": "tool", "name": name}
        case _:
            native = {"type": "auto"}
    if chat.parallel_tool_calls is False:
        native["disable_parallel_tool_use"] = True
    return None if native == {"type": "auto"} else native
