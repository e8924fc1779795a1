"""Tools, tool_choice and structured output → tools, toolConfig and response schema.

https://ai.google.dev/gemini-api/docs/function-calling and https://ai.google.dev/gemini-api/docs/structured-output
"""

from __future__ import annotations

import msgspec
from msgspec import structs

from unigate_core.errors import unsupported_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_schema import Flavour, to_json_schema
from unigate_formats.gemini_generate_content.models import Traits
from unigate_formats.neutral.custom_tool import CUSTOM_SCHEMA
from unigate_formats.neutral.json_instruction import json_instruction
from unigate_formats.neutral.request import BuiltinTool, ChatRequest, ResponseFormat, Tool, ToolChoice, WebSearch

JSON_OUTPUT = "json_output"


class Toolbox(msgspec.Struct, frozen=True):
    """`body` and `config` are parts of the native request; `json_output` is the function that stands for the answer.

    `instruction` is to be added to the system instruction.
    """

    body: Json = msgspec.field(default_factory=dict)
    config: Json = msgspec.field(default_factory=dict)
    json_output: str | None = None
    instruction: str | None = None


def toolbox(chat: ChatRequest, traits: Traits, report: DroppedValues, *, drop_unsupported: bool = False) -> Toolbox:
    """All that tools and response_format ask for. Raises RequestRefused."""
    chosen = chat.tool_choice
    forced = chosen is not None and chosen.mode == "builtin"
    if drop_unsupported and chat.tools and not traits.is_third and not forced:
        chat = _without_hosted(chat, report)
    functions = chat.tools
    form = chat.response_format
    if chosen and (chosen.mode == "builtin" or (chosen.mode == "required" and not functions)):
        raise unsupported_value(chosen.path, "Gemini cannot be forced to use one of its own tools.")
    if form and functions and not traits.is_third:
        if chosen is None or chosen.mode != "none":
            return _emulated(chat, form, report)
        # These models take no functions beside a response schema, and none may be called here anyway.
        functions = ()
    hosted = _hosted(chat, report) if chosen is None or chosen.mode != "none" else []
    if hosted and functions and not traits.is_third:
        raise unsupported_value(_hosted_path(chat), "this model cannot combine it with functions.")
    tools = hosted + _declarations([_declaration(tool, report) for tool in functions])
    config = _tool_config(functions, chosen)
    if hosted and functions:
        config["includeServerSideToolInvocations"] = True
    body = ({"tools": tools} if tools else {}) | ({"toolConfig": config} if config else {})
    return Toolbox(body=body, config=_response_config(form, report) if form else {})


def _declarations(functions: list[Json]) -> list[Json]:
    return [{"functionDeclarations": functions}] if functions else []


def _declaration(tool: Tool, report: DroppedValues) -> Json:
    declaration: Json = {"name": tool.name}
    if tool.description is not None:
        declaration["description"] = tool.description
    if tool.custom:
        declaration["parametersJsonSchema"] = CUSTOM_SCHEMA
    elif tool.parameters:
        path = f"{tool.path}.parameters"
        declaration["parametersJsonSchema"] = to_json_schema(tool.parameters, path, Flavour.PARAMETERS, report)
    return declaration


def _tool_config(tools: tuple[Tool, ...], choice: ToolChoice | None) -> Json:
    if not tools:
        return {}
    calling = _calling(choice, strict=any(tool.strict for tool in tools))
    return {"functionCallingConfig": calling} if calling else {}


def _calling(choice: ToolChoice | None, *, strict: bool) -> Json:
    match choice:
        case ToolChoice(mode="none"):
            return {"mode": "NONE"}
        case ToolChoice(mode="required" | "named", names=()):
            return {"mode": "ANY"}
        case ToolChoice(mode="required" | "named", names=names):
            return {"mode": "ANY", "allowedFunctionNames": list(names)}
        case ToolChoice(mode="auto", names=names) if names:
            # Names are only legal with ANY and VALIDATED, and ANY would force a call.
            return {"mode": "VALIDATED", "allowedFunctionNames": list(names)}
    return {"mode": "VALIDATED"} if strict else {}


def _response_config(form: ResponseFormat, report: DroppedValues) -> Json:
    config: Json = {"responseMimeType": "application/json"}
    if form.schema is not None:
        schema = _described(form)
        path = f"{form.path}.json_schema.schema"
        config["responseJsonSchema"] = to_json_schema(schema, path, Flavour.RESPONSE, report)
    return config


def _described(form: ResponseFormat) -> Json:
    schema = form.schema or {}
    return schema if not form.description or "description" in schema else schema | {"description": form.description}


def _emulated(chat: ChatRequest, form: ResponseFormat, report: DroppedValues) -> Toolbox:
    """Functions beside a schema on models that refuse both: the answer becomes the arguments of one more function."""
    if form.schema is None or form.schema.get("type", "object") != "object":
        report.note("json_emulated")
        tools = _declarations([_declaration(tool, report) for tool in chat.tools])
        config = _tool_config(chat.tools, chat.tool_choice)
        body: Json = {"tools": tools} | ({"toolConfig": config} if config else {})
        return Toolbox(body=body, instruction=json_instruction(form))
    if chat.web_search or chat.builtin_tools:
        raise unsupported_value(_hosted_path(chat), "this model cannot combine it with functions.")
    names = [tool.name for tool in chat.tools]
    output = JSON_OUTPUT
    while output in names:
        output += "_"
    path = f"{form.path}.json_schema.schema"
    answer: Json = {
        "name": output,
        "description": form.description or "Give the final answer to the user by this function.",
        "parametersJsonSchema": to_json_schema(form.schema, path, Flavour.PARAMETERS, report),
    }
    choice = chat.tool_choice
    allowed = list(choice.names) if choice and choice.names else names
    if choice is None or choice.mode == "auto":
        allowed = [*allowed, output]
    report.note("json_emulated")
    functions = [_declaration(tool, report) for tool in chat.tools]
    calling = {"mode": "ANY", "allowedFunctionNames": allowed}
    body = {
        "tools": _declarations([*functions, answer]),
        "toolConfig": {"functionCallingConfig": calling},
    }
    return Toolbox(body=body, json_output=output)


def _hosted(chat: ChatRequest, report: DroppedValues) -> list[Json]:
    tools = [_google_search(chat.web_search, report)] if chat.web_search else []
    return tools + [_builtin(tool) for tool in chat.builtin_tools]


def _without_hosted(chat: ChatRequest, report: DroppedValues) -> ChatRequest:
    """The request without Google's own tools, which these models cannot combine with functions."""
    for tool in (*([chat.web_search] if chat.web_search else ()), *chat.builtin_tools):
        report.drop(tool.path)
    return structs.replace(chat, web_search=None, builtin_tools=())


def _hosted_path(chat: ChatRequest) -> str:
    return chat.web_search.path if chat.web_search else chat.builtin_tools[0].path


def _google_search(search: WebSearch, report: DroppedValues) -> Json:
    if search.allowed_domains:
        raise unsupported_parameter(f"{search.path}.filters", "Google Search cannot be limited to domains.")
    if search.context_size not in (None, "medium"):
        report.drop(f"{search.path}.search_context_size")
    if search.location:
        report.drop(f"{search.path}.user_location")
    return {"googleSearch": {}}


def _builtin(tool: BuiltinTool) -> Json:
    if tool.kind != "code_interpreter":
        raise unsupported_value(f"{tool.path}.type", f"Gemini has no '{tool.kind}'.")
    container = tool.options.get("container")
    if isinstance(container, str) or (container or {}).get("file_ids"):
        raise unsupported_value(f"{tool.path}.container", "Gemini's code execution starts empty every time.")
    return {"codeExecution": {}}
