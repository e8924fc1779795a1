"""A request of the Messages API → ChatRequest, for another vendor. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unigate_core.errors import RequestRefused, invalid_value, unknown_parameter
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_content import BlockReader, Open
from unigate_formats.anthropic_messages.decode_tools import read_tools
from unigate_formats.neutral.efforts import effort_of_budget
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import (
    ChatRequest,
    FilePart,
    ImagePart,
    Part,
    ResponseFormat,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from unigate_formats.neutral.typed import integer, mapping, number, string, strings

NAMES: Mapping[str, str] = {
    "max_completion_tokens": "max_tokens",
    "stop": "stop_sequences",
    "user": "metadata.user_id",
    "reasoning_effort": "thinking",
    "response_format": "output_config.format",
    "web_search_options": "tools",
}
"""Chat parameter → where the Messages API has it."""

_READ = frozenset(
    {
        "max_tokens", "messages", "metadata", "model", "output_config", "output_format", "service_tier",
        "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
    }
)  # fmt: skip
_MESSAGE = frozenset({"content", "role"})
_RESULT = frozenset({"content", "is_error", "tool_use_id", "type"})
_TIERS = {"auto": "auto", "standard_only": "default"}
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


def decode_request(body: Json, open_token: Open, *, drop_unsupported: bool) -> ChatRequest:
    """Read a Messages request for another vendor; `open_token` opens the signatures of the gateway's own.

    What only Anthropic knows is dropped and reported, or refused. Raises RequestRefused.
    """
    dropped = [name for name in body if name not in _READ and body[name] is not None]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    box = read_tools(body.get("tools"), body.get("tool_choice"))
    reader = BlockReader(open_token, dropped)
    turns = (*_system(body.get("system"), reader), *_turns(body.get("messages"), reader))
    effort, budget, summary = _thinking(body)
    metadata = mapping(body.get("metadata"), "metadata")
    return ChatRequest(
        model=body["model"],
        turns=turns,
        tools=tuple(box.functions),
        builtin_tools=tuple(box.builtins),
        tool_choice=box.choice,
        parallel_tool_calls=box.parallel,
        max_tokens=integer(body.get("max_tokens"), "max_tokens"),
        temperature=number(body.get("temperature"), "temperature"),
        top_p=number(body.get("top_p"), "top_p"),
        top_k=integer(body.get("top_k"), "top_k"),
        stop=strings(body.get("stop_sequences"), "stop_sequences"),
        response_format=_format(body),
        reasoning_effort=effort,
        reasoning_budget=budget,
        reasoning_summary=summary,
        web_search=box.web_search,
        service_tier=_TIERS.get(str(body.get("service_tier"))),
        end_user=string(metadata.get("user_id"), "metadata.user_id"),
        stream=body.get("stream") is True,
        include_usage=True,
        names=NAMES,
        dropped=(*dropped, *box.dropped),
        notes=tuple(reader.notes),
    )


def _system(system: Any, reader: BlockReader) -> Iterator[Turn]:
    parts = tuple(reader.content(system, "system"))
    if parts:
        yield Turn(role="system", parts=parts, path="system")


def _turns(messages: Any, reader: BlockReader) -> Iterator[Turn]:
    """Messages as turns: the results in a user's message are a turn of their own, in the order of the calls."""
    if not isinstance(messages, list) or not messages:
        raise RequestRefused("messages: at least one message is required", param="messages", code="invalid_value")
    calls: dict[str, ToolCallPart] = {}
    for i, message in enumerate(messages):
        path = f"messages[{i}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant", "system"):
            raise invalid_value(f"{path}.role", "it must be user, assistant or system.")
        content, place = message.get("content"), f"{path}.content"
        results, rest = _apart(content, place)
        if calls or results:
            yield _results(calls, results, reader, path)
        calls = {}
        parts: list[Part] = []
        for block, at in rest:
            parts += reader.content(block, at) if at == place else reader.block(block, at)
        if parts or not results:
            yield Turn(role=role, parts=tuple(parts), path=path, extensions=read_extensions(message, _MESSAGE, path))
        if role == "assistant":
            calls = {part.id: part for part in parts if isinstance(part, ToolCallPart)}
    if calls:
        raise _unanswered(list(calls), f"messages[{len(messages) - 1}]")


def _apart(content: Any, path: str) -> tuple[list[tuple[Json, str]], list[tuple[Any, str]]]:
    """The tool results of a message, and all else of it, each with its path."""
    if not isinstance(content, list):
        return [], [(content, path)]
    results: list[tuple[Json, str]] = []
    rest: list[tuple[Any, str]] = []
    for i, block in enumerate(content):
        is_result = isinstance(block, dict) and block.get("type") == "tool_result"
        (results if is_result else rest).append((block, f"{path}[{i}]"))
    return results, rest


def _results(
    calls: Mapping[str, ToolCallPart], results: list[tuple[Json, str]], reader: BlockReader, path: str
) -> Turn:
    found: dict[str, ToolResultPart] = {}
    for block, at in results:
        call_id = str(block.get("tool_use_id"))
        if call_id not in calls:
            raise RequestRefused(
                f"{at}: unexpected `tool_use_id` found in `tool_result` blocks: {call_id}. Each `tool_result` block "
                "must have a corresponding `tool_use` block in the previous message.",
                param=at,
                code="invalid_value",
            )
        content = tuple(
            part
            for part in reader.content(block.get("content"), f"{at}.content")
            if isinstance(part, TextPart | ImagePart | FilePart)
        )
        found[call_id] = ToolResultPart(
            call_id=call_id,
            name=calls[call_id].name,
            content=content,
            path=at,
            is_error=block.get("is_error") is True,
            extensions=read_extensions(block, _RESULT, at),
        )
    missing = [call_id for call_id in calls if call_id not in found]
    if missing:
        raise _unanswered(missing, path)
    return Turn(role="tool", parts=tuple(found[call_id] for call_id in calls), path=path)


def _unanswered(ids: list[str], path: str) -> RequestRefused:
    return RequestRefused(
        f"{path}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(ids)}. Each "
        "`tool_use` block must have a corresponding `tool_result` block in the next message.",
        param=path,
        code="invalid_value",
    )


def _thinking(body: Json) -> tuple[Any, int | None, bool | None]:
    """Effort, budget in tokens, and whether thoughts are to be shown."""
    config = body.get("output_config")
    asked = config.get("effort") if isinstance(config, dict) else None
    effort = asked if asked in _EFFORTS else None
    match body.get("thinking"):
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return effort or effort_of_budget(budget), budget, True
        case {"type": "adaptive" | "enabled"}:
            return effort, None, True
        case {"type": "disabled"}:
            return "none", None, None
    return effort, None, None


def _format(body: Json) -> ResponseFormat | None:
    config = body.get("output_config")
    form = (config.get("format") if isinstance(config, dict) else None) or body.get("output_format")
    match form:
        case {"type": "json_schema", "schema": dict(schema)}:
            return ResponseFormat(path="output_config.format", schema=schema, name="output", strict=True)
    return None
