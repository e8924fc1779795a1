"""Tools and their choice in a generateContent request → neutral tools. https://ai.google.dev/api/caching#Tool"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_schema import to_json_schema
from unigate_formats.gemini_generate_content.member import member, repeated, unknown_paths
from unigate_formats.neutral.check_tools import check_tools
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import BuiltinTool, Tool, ToolChoice, WebSearch
from unigate_formats.neutral.typed import string, strings

_FUNCTION = frozenset(
    {
        "description", "name", "parameters", "parametersJsonSchema", "parameters_json_schema",
    }
)  # fmt: skip
_CALLING = "toolConfig.functionCallingConfig"
_HOSTED = ("googleSearch", "googleSearchRetrieval", "codeExecution")
_MODES = frozenset({"ANY", "AUTO", "MODE_UNSPECIFIED", "NONE"})


class Toolbox(msgspec.Struct):
    """What the request lets the model use, and the paths of the tools that only Gemini has."""

    functions: list[Tool] = msgspec.field(default_factory=list)
    builtins: list[BuiltinTool] = msgspec.field(default_factory=list)
    web_search: WebSearch | None = None
    choice: ToolChoice | None = None
    dropped: list[str] = msgspec.field(default_factory=list)


def read_tools(tools: Any, tool_config: Any) -> Toolbox:
    """Read both. Raises RequestRefused."""
    box = Toolbox()
    for i, tool in enumerate(repeated(tools, "tools")):
        path = f"tools[{i}]"
        if not isinstance(tool, dict):
            raise invalid_value(path, "a tool must be an object.")
        declared = f"{path}.functionDeclarations"
        for n, function in enumerate(repeated(member(tool, "functionDeclarations"), declared)):
            box.functions.append(_function(function, f"{declared}[{n}]"))
        if member(tool, "googleSearch") is not None or member(tool, "googleSearchRetrieval") is not None:
            box.web_search = WebSearch(path=path)
        if member(tool, "codeExecution") is not None:
            box.builtins.append(BuiltinTool(kind="code_interpreter", path=path, options={"type": "code_interpreter"}))
        box.dropped += unknown_paths(tool, ("functionDeclarations", *_HOSTED), path)
        for name in _HOSTED:
            box.dropped += unknown_paths(member(tool, name), (), f"{path}.{name}")
    box.dropped += unknown_paths(tool_config, ("functionCallingConfig",), "toolConfig")
    calling = member(tool_config, "functionCallingConfig") if isinstance(tool_config, dict) else None
    box.choice = _choice(calling, box) if isinstance(calling, dict) else None
    check_tools(tuple(box.functions), box.choice if box.functions else None, any_name=True)
    return box


def _function(function: Any, path: str) -> Tool:
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise invalid_value(path, "a function declaration needs a name.")
    given = member(function, "parametersJsonSchema")
    parameters = given if given is not None else to_json_schema(function.get("parameters"))
    if parameters is not None and not isinstance(parameters, dict):
        raise invalid_value(f"{path}.parameters", "a schema must be an object.")
    return Tool(
        name=function["name"],
        path=path,
        description=string(function.get("description"), f"{path}.description"),
        parameters=parameters,
        extensions=read_extensions(function, _FUNCTION, path),
    )


def _choice(calling: Json, box: Toolbox) -> ToolChoice | None:
    path = _CALLING
    box.dropped += unknown_paths(calling, ("allowedFunctionNames", "mode"), path)
    mode = str(calling.get("mode") or "AUTO").upper()
    if mode not in _MODES:
        # VALIDATED: no other vendor holds calls to their schemas while it leaves the choice to the model
        box.dropped.append(f"{path}.mode")
    names = strings(member(calling, "allowedFunctionNames"), f"{path}.allowedFunctionNames")
    if not box.functions:
        return None
    if mode == "NONE" and (box.web_search or box.builtins):
        # As if none were declared. What Google runs itself is no function, while other vendors' "none" means both.
        box.functions.clear()
        return None
    if mode == "NONE":
        return ToolChoice(mode="none", path=path)
    if mode == "ANY" and len(names) == 1:
        return ToolChoice(mode="named", path=path, names=names)
    if mode == "ANY":
        return ToolChoice(mode="required", path=path, names=names)
    return ToolChoice(mode="auto", path=path, names=names) if names else None
