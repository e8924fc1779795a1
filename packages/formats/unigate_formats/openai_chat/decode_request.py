"""OpenAI's chat completions request → ChatRequest. https://platform.openai.com/docs/api-reference/chat/create

The edge has validated the types already; here is what only the whole conversation can tell: results belong to calls,
tools named are tools declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from unigate_core.errors import RequestRefused, invalid_value
from unigate_core.json import Json, dumps_text
from unigate_formats.neutral.call_ids import unique_call_ids
from unigate_formats.neutral.extensions import Extensions, read_extensions
from unigate_formats.neutral.request import (
    ChatRequest,
    Part,
    RefusalPart,
    ResponseFormat,
    TextPart,
    ThoughtPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    Turn,
    WebSearch,
)
from unigate_formats.openai_chat.decode_content import content_parts
from unigate_formats.openai_chat.decode_tools import check_tools, described_grammar

FUNCTION_CALL_ID = "call_legacy_function"

_MESSAGE = frozenset(
    {
        "annotations", "audio", "citations", "content", "function_call", "images", "name", "reasoning_content",
        "reasoning_details", "refusal", "role", "tool_call_id", "tool_calls",
    }
)  # fmt: skip
_TOOL = frozenset({"custom", "function", "type"})
_FUNCTION = frozenset({"description", "name", "parameters", "strict"})
_CUSTOM = frozenset({"description", "format", "name"})
_CALL = frozenset({"custom", "extra_content", "function", "id", "index", "type"})


def decode_request(body: Json, provider: str, *, drop_unsupported: bool = False) -> ChatRequest:
    """Read a chat request for a provider. Raises RequestRefused."""
    dropped: list[str] = []
    tools, legacy = _tools(body, dropped, drop_unsupported=drop_unsupported)
    choice = _tool_choice(body)
    check_tools(tools, choice)
    stream_options = body.get("stream_options") or {}
    return ChatRequest(
        model=body["model"],
        turns=tuple(_turns(body["messages"])),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=body.get("parallel_tool_calls"),
        max_tokens=_max_tokens(body),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        top_k=body.get("top_k"),
        n=body.get("n") or 1,
        stop=_stop(body.get("stop")),
        seed=body.get("seed"),
        frequency_penalty=body.get("frequency_penalty"),
        presence_penalty=body.get("presence_penalty"),
        logprobs=bool(body.get("logprobs")),
        top_logprobs=body.get("top_logprobs"),
        response_format=_response_format(body.get("response_format")),
        reasoning_effort=body.get("reasoning_effort"),
        web_search=_web_search(body.get("web_search_options")),
        service_tier=body.get("service_tier"),
        end_user=body.get("safety_identifier") or body.get("user"),
        stream=bool(body.get("stream")),
        include_usage=bool(stream_options.get("include_usage")),
        include_obfuscation=bool(stream_options.get("include_obfuscation")),
        legacy_functions=legacy,
        provider_options=((body.get("provider_options") or {}).get(provider)) or {},
        dropped=tuple(dropped),
    )


def _max_tokens(body: Json) -> int | None:
    new, old = body.get("max_completion_tokens"), body.get("max_tokens")
    if new is not None and old is not None and new != old:
        raise invalid_value("max_tokens", "it differs from 'max_completion_tokens'; give one of them.")
    limit: int | None = new if new is not None else old
    if limit is not None and limit < 1:
        name = "max_tokens" if new is None else "max_completion_tokens"
        raise RequestRefused(
            f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {limit} instead.",
            param=name,
            code="integer_below_min_value",
        )
    return limit


def _stop(stop: Any) -> tuple[str, ...]:
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def _response_format(value: Json | None) -> ResponseFormat | None:
    match value:
        case {"type": "json_object"}:
            return ResponseFormat(path="response_format")
        case {"type": "json_schema", "json_schema": spec}:
            return ResponseFormat(
                path="response_format",
                schema=spec.get("schema") or {"type": "object"},
                name=spec.get("name") or "",
                description=spec.get("description"),
                strict=spec.get("strict"),
            )
    return None


def _web_search(value: Json | None) -> WebSearch | None:
    if value is None:
        return None
    location = (value.get("user_location") or {}).get("approximate")
    return WebSearch(
        path="web_search_options", context_size=value.get("search_context_size"), location=location or None
    )


def _tools(body: Json, dropped: list[str], *, drop_unsupported: bool) -> tuple[tuple[Tool, ...], bool]:
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
        description, has_grammar = described_grammar(custom)
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


def _tool_choice(body: Json) -> ToolChoice | None:
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
    raise invalid_value(path, "it names no tool.")


def _allowed_name(tool: Json, path: str) -> str:
    match tool:
        case {"function": {"name": str(name)}} | {"custom": {"name": str(name)}} | {"name": str(name)}:
            return name
    raise invalid_value(path, "an allowed tool has no name.")


def _turns(messages: list[Json]) -> Iterator[Turn]:
    """Messages as turns: neighbouring tool messages are one turn, in the order of the calls they answer."""
    calls: dict[str, ToolCallPart] = {}
    same_id: Mapping[str, list[str]] = {}
    results: dict[str, ToolResultPart] = {}
    results_path = ""
    for i, message in enumerate(messages):
        path = f"messages[{i}]"
        role = message["role"]
        if role in ("tool", "function"):
            result = _tool_result(message, role, path, calls)
            if result.call_id in results:
                result = _of_next_call(result, same_id, results)
            results[result.call_id] = result
            results_path = results_path or path
            continue
        if calls:
            yield _results_turn(calls, results, results_path or path)
            calls, results, results_path = {}, {}, ""
        if role == "assistant":
            turn = _assistant(message, path)
            parts, same_id = unique_call_ids(turn.parts)
            turn = msgspec.structs.replace(turn, parts=parts) if same_id else turn
            calls = {part.id: part for part in turn.parts if isinstance(part, ToolCallPart)}
            yield turn
        else:
            parts = tuple(content_parts(message.get("content"), f"{path}.content"))
            name = message.get("name")
            yield Turn(
                role="user" if role == "user" else "system",
                parts=parts,
                path=path,
                name=name,
                extensions=read_extensions(message, _MESSAGE, path),
            )
    if calls:
        yield _results_turn(calls, results, results_path or f"messages[{len(messages) - 1}]")


def _of_next_call(
    result: ToolResultPart, same_id: Mapping[str, list[str]], results: dict[str, ToolResultPart]
) -> ToolResultPart:
    """The result as that of the next call with the same id. Raises RequestRefused when there is none left."""
    for id_ in same_id.get(result.call_id, ()):
        if id_ not in results:
            return msgspec.structs.replace(result, call_id=id_)
    raise invalid_value(f"{result.path}.tool_call_id", "this call has its result already.")


def _results_turn(calls: dict[str, ToolCallPart], results: dict[str, ToolResultPart], path: str) -> Turn:
    missing = [call for call in calls if call not in results]
    if missing:
        raise invalid_value(path, f"an assistant message with 'tool_calls' lacks results for: {', '.join(missing)}.")
    return Turn(role="tool", parts=tuple(results[call] for call in calls), path=path)


def _tool_result(message: Json, role: str, path: str, calls: dict[str, ToolCallPart]) -> ToolResultPart:
    if role == "function":
        call_id = next((call.id for call in calls.values() if call.name == message.get("name")), FUNCTION_CALL_ID)
    else:
        call_id = message["tool_call_id"]
    if call_id not in calls:
        raise invalid_value(path, "a tool result must follow the assistant message with its call.")
    content = tuple(
        part for part in content_parts(message.get("content"), f"{path}.content") if isinstance(part, TextPart)
    )
    return ToolResultPart(
        call_id=call_id,
        name=calls[call_id].name,
        content=content,
        path=path,
        extensions=read_extensions(message, _MESSAGE, path),
    )


def _assistant(message: Json, path: str) -> Turn:
    if (message.get("audio") or {}).get("id"):
        raise invalid_value(f"{path}.audio", "earlier audio answers are known to OpenAI only.")
    parts: list[Part] = list(_thoughts(message, path))
    parts += content_parts(message.get("content"), f"{path}.content")
    if message.get("refusal"):
        parts.append(RefusalPart(text=message["refusal"], path=f"{path}.refusal"))
    for i, call in enumerate(message.get("tool_calls") or []):
        parts.append(_tool_call(call, f"{path}.tool_calls[{i}]"))
    if message.get("function_call"):
        call = message["function_call"]
        parts.append(
            ToolCallPart(
                id=FUNCTION_CALL_ID, name=call["name"], arguments=call["arguments"], path=f"{path}.function_call"
            )
        )
    return Turn(
        role="assistant",
        parts=tuple(parts),
        path=path,
        name=message.get("name"),
        extensions=read_extensions(message, _MESSAGE, path),
    )


def _thoughts(message: Json, path: str) -> Iterator[ThoughtPart]:
    details = message.get("reasoning_details")
    for i, detail in enumerate(details if isinstance(details, list) else []):
        if isinstance(detail, dict):
            yield ThoughtPart(
                format=detail.get("format") or "",
                text=detail.get("text") or "",
                signature=detail.get("signature"),
                data=detail.get("data"),
                path=f"{path}.reasoning_details[{i}]",
            )
    text = message.get("reasoning_content")
    if isinstance(text, str) and not details:
        yield ThoughtPart(format="text", text=text, path=f"{path}.reasoning_content")


def _tool_call(call: Json, path: str) -> ToolCallPart:
    signature = _signature(call)
    extensions = read_extensions(call, _CALL, path)
    if call.get("type") == "custom":
        custom = call["custom"]
        return ToolCallPart(
            id=call["id"], name=custom["name"], arguments=custom["input"], path=path, custom=True, extensions=extensions
        )
    function = call["function"]
    arguments = function.get("arguments") or ""
    if not isinstance(arguments, str):
        arguments = dumps_text(arguments)
    return ToolCallPart(
        id=call["id"],
        name=function["name"],
        arguments=arguments,
        path=path,
        signature=signature,
        extensions=extensions,
    )


def _signature(call: Json) -> str | None:
    match call:
        case {"extra_content": {"google": {"thought_signature": str(signature)}}}:
            return signature
    return None
