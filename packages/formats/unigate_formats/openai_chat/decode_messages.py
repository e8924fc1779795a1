"""Messages of chat completions → turns of a conversation, in which results belong to calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from unigate_core.counts import members
from unigate_core.errors import invalid_value
from unigate_core.json import Json, dumps_text
from unigate_formats.neutral.call_ids import unique_call_ids
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import (
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from unigate_formats.openai_chat.decode_content import content_parts, image_part

FUNCTION_CALL_ID = "call_legacy_function"

_MESSAGE = frozenset(
    {
        "annotations", "audio", "citations", "content", "function_call", "images", "name", "reasoning_content",
        "reasoning_details", "refusal", "role", "tool_call_id", "tool_calls",
    }
)  # fmt: skip
_CALL = frozenset({"custom", "extra_content", "function", "id", "index", "type"})


def decode_messages(messages: list[Json]) -> Iterator[Turn]:
    """Messages as turns: neighbouring tool messages are one turn, in the order of the calls they answer.

    Raises RequestRefused.
    """
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
    raise invalid_value(f"{result.path}.tool_call_id", "this call already has a result.")


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
        part
        for part in content_parts(message.get("content"), f"{path}.content")
        if isinstance(part, TextPart | ImagePart | FilePart)
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
        raise invalid_value(f"{path}.audio", "earlier audio answers can be used at OpenAI only.")
    parts: list[Part] = list(_thoughts(message, path))
    parts += content_parts(message.get("content"), f"{path}.content")
    parts += _images(message.get("images"), f"{path}.images")
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


def _images(images: Any, path: str) -> Iterator[Part]:
    """What the model made in this turn, as answers of chats show it."""
    for i, made in enumerate(images if isinstance(images, list) else []):
        url = members(members(made).get("image_url")).get("url")
        if isinstance(url, str):
            part = image_part(url, None, f"{path}[{i}]")
            yield msgspec.structs.replace(part, signature=_signature(made)) if isinstance(part, ImagePart) else part


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
