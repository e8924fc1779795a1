"""Tools of a Messages request → neutral tools. https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from unigate_core.errors import invalid_value, unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.check_tools import check_tools
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import BuiltinTool, Tool, ToolChoice, WebSearch
from unigate_formats.neutral.typed import array, string, strings

_TOOL = frozenset({"description", "input_schema", "name", "strict", "type"})
_HOSTED = frozenset({"name", "type"})
_SEARCH = _HOSTED | {"allowed_domains", "max_uses", "user_location"}
_DATED = re.compile(r"_\d{8}$")


def _object(required: tuple[str, ...], **properties: str) -> Json:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(required),
    }


_EDITOR = _object(
    ("command", "path"), command="string", path="string", file_text="string", insert_line="integer",
    insert_text="string", new_str="string", old_str="string",
)  # fmt: skip
_EDITOR["properties"]["view_range"] = {"type": "array", "items": {"type": "integer"}}
_MEMORY = _object(
    ("command",), command="string", path="string", file_text="string", insert_line="integer", insert_text="string",
    new_str="string", old_str="string", old_path="string", new_path="string",
)  # fmt: skip
_MEMORY["properties"]["view_range"] = _EDITOR["properties"]["view_range"]

CLIENT_TOOLS: Mapping[str, tuple[str, Json]] = {
    "bash": ("Run a command in a bash shell.", _object((), command="string", restart="boolean")),
    "memory": (
        "Keep notes in files below /memories (view, create, str_replace, insert, delete, rename), and read them first.",
        _MEMORY,
    ),
    "text_editor": ("View, create and edit text files (view, create, str_replace, insert).", _EDITOR),
}
"""Tools that Anthropic describes to its models and the client runs: others are told their schemas.

https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/bash-tool
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/memory-tool
https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/text-editor-tool"""


class Toolbox(msgspec.Struct):
    """What the request lets the model use, and the paths of the tools that only Anthropic has."""

    functions: list[Tool] = msgspec.field(default_factory=list)
    builtins: list[BuiltinTool] = msgspec.field(default_factory=list)
    web_search: WebSearch | None = None
    choice: ToolChoice | None = None
    parallel: bool | None = None
    dropped: list[str] = msgspec.field(default_factory=list)


def read_tools(tools: Any, tool_choice: Any) -> Toolbox:
    """Read both. Raises RequestRefused."""
    box = Toolbox()
    for i, tool in enumerate(array(tools, "tools")):
        if not isinstance(tool, dict):
            raise invalid_value(f"tools[{i}]", "a tool must be an object.")
        _add(box, tool, f"tools[{i}]")
    box.choice = _choice(tool_choice, box)
    if isinstance(tool_choice, dict) and tool_choice.get("disable_parallel_tool_use") is True:
        box.parallel = False
    check_tools(tuple(box.functions), box.choice if box.functions else None, any_name=True)
    return box


def _add(box: Toolbox, tool: Json, path: str) -> None:
    kind = _DATED.sub("", str(tool.get("type") or "custom"))
    name = tool.get("name")
    if kind == "custom" or kind in CLIENT_TOOLS:
        if not isinstance(name, str):
            raise invalid_value(f"{path}.name", "a tool needs a name.")
        box.functions.append(_function(tool, kind, name, path))
    elif kind == "web_search":
        box.web_search = _web_search(tool, path)
        box.dropped += _others(tool, _SEARCH, path)
    elif kind == "code_execution":
        box.builtins.append(BuiltinTool(kind="code_interpreter", path=path, options=tool))
        box.dropped += _others(tool, _HOSTED, path)
    else:
        box.dropped.append(path)


def _function(tool: Json, kind: str, name: str, path: str) -> Tool:
    described, parameters = CLIENT_TOOLS.get(kind, (tool.get("description"), tool.get("input_schema")))
    if parameters is not None and not isinstance(parameters, dict):
        raise invalid_value(f"{path}.input_schema", "a JSON Schema must be an object.")
    return Tool(
        name=name,
        path=path,
        description=string(described, f"{path}.description"),
        parameters=parameters,
        strict=tool.get("strict") is True,
        extensions=read_extensions(tool, _TOOL, path),
    )


def _others(tool: Json, known: frozenset[str], path: str) -> list[str]:
    return [extension.path for extension in read_extensions(tool, known, path)]


def _web_search(tool: Json, path: str) -> WebSearch:
    location = tool.get("user_location")
    place = {k: v for k, v in location.items() if k != "type" and v} if isinstance(location, dict) else {}
    uses = tool.get("max_uses")
    return WebSearch(
        path=path,
        location=place or None,
        allowed_domains=strings(tool.get("allowed_domains"), f"{path}.allowed_domains"),
        max_uses=uses if isinstance(uses, int) else None,
        limit_path=f"{path}.max_uses",
    )


def _choice(value: Any, box: Toolbox) -> ToolChoice | None:
    path = "tool_choice"
    match value:
        case None | {"type": "auto"}:
            return None
        case {"type": "none"}:
            # no tool at all may be used; other vendors' "none" is about functions
            box.web_search, box.builtins = None, []
            return ToolChoice(mode="none", path=path) if box.functions else None
        case {"type": "any"}:
            return ToolChoice(mode="required", path=path)
        case {"type": "tool", "name": str(name)}:
            if any(tool.name == name for tool in box.functions):
                return ToolChoice(mode="named", path=path, names=(name,))
            if name == "web_search" and box.web_search:
                return ToolChoice(mode="builtin", path=path, names=("web_search",))
            if name == "code_execution" and box.builtins:
                return ToolChoice(mode="builtin", path=path, names=(box.builtins[0].kind,))
            raise unsupported_value(path, f"the tool '{name}' is not there.")
    raise invalid_value(path, "it must be auto, any, tool or none.")
