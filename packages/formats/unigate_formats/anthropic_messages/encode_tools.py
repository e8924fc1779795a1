"""Tools and the choice among them → `tools` and `tool_choice`. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview"""

from __future__ import annotations

import msgspec

from unigate_core.errors import RequestRefused, unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_messages import Breakpoint
from unigate_formats.anthropic_messages.parameters import TOOL_MEMBERS
from unigate_formats.anthropic_messages.request_state import JSON_TOOL
from unigate_formats.anthropic_messages.tool_schema import rename_properties
from unigate_formats.neutral.custom_tool import CUSTOM_SCHEMA
from unigate_formats.neutral.fold_root import fold_root
from unigate_formats.neutral.guaranteed_schema import NotGuaranteed, plain, restricted
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import TOOL_SEARCH, BuiltinTool, ChatRequest, ResponseFormat, Tool, WebSearch

_LOCATION = ("city", "country", "region", "timezone")
_BUILTIN_NAMES = {"web_search": "web_search", "web_search_preview": "web_search", "code_interpreter": "code_execution"}


class Tools(msgspec.Struct):
    """The native tools; `container` is where code runs when the client named one."""

    tools: list[Json] = msgspec.field(default_factory=list)
    choice: Json | None = None
    container: str | None = None
    server_tools: bool = False
    dropped: list[str] = msgspec.field(default_factory=list)
    relaxed: bool = False
    renamed: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """By tool, the client's names of the properties that have another one at Anthropic."""
    breakpoints: list[Breakpoint] = msgspec.field(default_factory=list)


def to_tools(chat: ChatRequest, model: ModelInfo, *, drop_unsupported: bool = False) -> Tools:
    """Translate declarations and choice. Raises RequestRefused."""
    native = Tools()
    tools = _allowed(chat)
    searches = chat.tool_search and TOOL_SEARCH in model.features and any(tool.deferred for tool in tools)
    for tool in tools:
        function = _function(native, tool, model, drop_unsupported=drop_unsupported)
        native.tools.append(function | {"defer_loading": True} if searches and tool.deferred else function)
    if chat.web_search is not None:
        native.tools.append(_web_search(native, chat.web_search))
    if searches:
        native.tools.append({"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"})
    for builtin in chat.builtin_tools:
        native.tools.append(_builtin(native, builtin, model))
    native.server_tools = len(native.tools) > sum("input_schema" in tool for tool in native.tools)
    names = [tool["name"] for tool in native.tools]
    for tool in chat.tools:
        if names.count(tool.name) > 1:
            raise unsupported_value(f"{tool.path}.name", f"'{tool.name}' is the name of a tool of Anthropic's own.")
    native.choice = _choice(chat) if native.tools else None
    return native


def json_tool(form: ResponseFormat) -> tuple[Json, Json]:
    """The tool that stands in for a JSON mode, and the choice that forces it. Raises RequestRefused."""
    if form.schema is not None and form.schema.get("type", "object") != "object":
        raise unsupported_value(form.path, "this model can only produce JSON objects.")
    tool: Json = {
        "name": JSON_TOOL,
        "description": form.description or "Give the answer by calling this tool.",
        "input_schema": fold_root(plain(form.schema))[0] if form.schema is not None else {"type": "object"},
    }
    return tool, {"type": "tool", "name": JSON_TOOL, "disable_parallel_tool_use": True}


def _allowed(chat: ChatRequest) -> list[Tool]:
    choice = chat.tool_choice
    if choice is None or choice.mode not in ("auto", "required") or not choice.names:
        return list(chat.tools)
    return [tool for tool in chat.tools if tool.name in choice.names]


def _function(native: Tools, tool: Tool, model: ModelInfo, *, drop_unsupported: bool) -> Json:
    function: Json = {"name": tool.name}
    for item in tool.extensions:
        if item.name in TOOL_MEMBERS:
            function[item.name] = item.value
        if item.name == "cache_control":
            native.breakpoints.append(Breakpoint(function, item.path))
    if tool.description:
        function["description"] = tool.description
    if tool.custom:
        function["input_schema"] = CUSTOM_SCHEMA
        return function
    schema, folded = fold_root(plain(tool.parameters or {}))
    schema, renamed = rename_properties(schema)
    if renamed:
        native.renamed[tool.name] = renamed
    native.relaxed = native.relaxed or folded or bool(renamed)
    if tool.strict:
        schema, strict = _held_to(native, tool, schema, model, drop_unsupported=drop_unsupported)
        if strict:
            function["strict"] = True
    function["input_schema"] = {"type": "object", "properties": {}} | schema
    return function


def _held_to(native: Tools, tool: Tool, schema: Json, model: ModelInfo, *, drop_unsupported: bool) -> tuple[Json, bool]:
    """The schema in its guaranteed form, and whether the model can be held to it. Raises RequestRefused."""
    try:
        if "structured_outputs" not in model.features:
            raise NotGuaranteed(f"{tool.path}.strict", f"{model.id} cannot be held to a schema.")
        guaranteed, relaxed = restricted(schema, f"{tool.path}.parameters")
    except RequestRefused as error:
        if not drop_unsupported or error.code != "unsupported_value":
            raise
        native.dropped.append(f"{tool.path}.strict")
        return schema, False
    native.relaxed = native.relaxed or relaxed
    return guaranteed, True


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
