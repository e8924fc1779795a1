"""Tools and the choice among them → `toolConfig`.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html

Converse wants the configuration wherever the conversation has calls, cannot forbid calls, and lets some models only be
asked for one. What cannot be set is said in the system message, and reported (`tool_choice_described`).
"""

from __future__ import annotations

import msgspec

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.bedrock_converse.encode_messages import CACHE_POINT, Conversation, lost_lifetime, names_text
from unigate_formats.neutral.custom_tool import CUSTOM_SCHEMA
from unigate_formats.neutral.guaranteed_schema import restricted
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, Tool

DESCRIBED = "tool_choice_described"


class Tools(msgspec.Struct):
    """`config` is the native member, empty: none. `sentence` is what the system message has to say of the choice."""

    config: Json = msgspec.field(default_factory=dict)
    sentence: str = ""
    dropped: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)


def to_tools(chat: ChatRequest, model: ModelInfo, conversation: Conversation, *, drop_unsupported: bool) -> Tools:
    """The tools and the choice. Raises RequestRefused."""
    tools = Tools()
    choice = chat.tool_choice
    if choice is not None and choice.mode == "builtin":
        raise unsupported_value(choice.path, f"Bedrock has no tool '{choice.names[0]}'.")
    for builtin in chat.builtin_tools:
        if not drop_unsupported:
            raise unsupported_value(f"{builtin.path}.type", f"Bedrock has no tool '{builtin.kind}'.")
        tools.dropped.append(builtin.path)
    mode = choice.mode if choice else "auto"
    allowed = choice.names if choice and mode in ("auto", "required") else ()
    given = [tool for tool in chat.tools if not allowed or tool.name in allowed]
    if mode == "none" and not conversation.called:
        return tools
    specs = [spec for tool in given for spec in _specs(tools, tool, model, drop_unsupported=drop_unsupported)]
    known = {tool.name for tool in given}
    specs += [_stand_in(name) for name in conversation.called if name not in known]
    if not specs:
        return tools
    tools.config = {"tools": specs}
    _choose(tools, mode, choice.names if choice else (), model)
    return tools


def _specs(tools: Tools, tool: Tool, model: ModelInfo, *, drop_unsupported: bool) -> list[Json]:
    schema = CUSTOM_SCHEMA if tool.custom else {"type": "object", "properties": {}} | (tool.parameters or {})
    spec: Json = {"name": tool.name}
    if tool.description:
        spec["description"] = tool.description
    if tool.strict and not tool.custom:
        try:
            if "structured_outputs" not in model.features:
                raise unsupported_value(f"{tool.path}.strict", f"{model.id} cannot be held to a schema.")
            schema, relaxed = restricted(schema, f"{tool.path}.parameters")
            spec["strict"] = True
            tools.notes += ["schema_relaxed"] if relaxed else []
        except RequestRefused:
            if not drop_unsupported:
                raise
            tools.dropped.append(f"{tool.path}.strict")
    spec["inputSchema"] = {"json": schema}
    specs: list[Json] = [{"toolSpec": spec}]
    mark = next((item for item in tool.extensions if item.name == "cache_control"), None)
    if mark is None:
        return specs
    tools.dropped += lost_lifetime(mark.value, mark.path)
    return [*specs, CACHE_POINT]


def _stand_in(name: str) -> Json:
    """A tool that the conversation has called and the request does not offer any more."""
    return {"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object", "properties": {}}}}}


def _choose(tools: Tools, mode: str, names: tuple[str, ...], model: ModelInfo) -> None:
    forced = mode in ("required", "named")
    if mode == "none":
        tools.sentence = "Do not call any tool in this turn."
    elif forced and "tool_choice" not in model.features:
        which = f"the tool {names_text(names)}" if mode == "named" else "one of the tools"
        tools.sentence = f"Call {which} in this turn."
    elif mode == "named":
        tools.config["toolChoice"] = {"tool": {"name": names[0]}}
    elif mode == "required":
        tools.config["toolChoice"] = {"any": {}}
    if tools.sentence:
        tools.notes.append(DESCRIBED)
