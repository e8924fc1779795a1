"""The messages of the Messages API → turns, for another vendor.

https://docs.anthropic.com/en/api/messages, https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

from unigate_core.errors import RequestRefused, invalid_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_content import BlockReader
from unigate_formats.neutral.call_ids import GivenCall, calls_of
from unigate_formats.neutral.extensions import read_extensions
from unigate_formats.neutral.request import FilePart, ImagePart, Part, TextPart, ToolCallPart, ToolResultPart, Turn

_MESSAGE = frozenset({"content", "role"})
_RESULT = frozenset({"content", "is_error", "tool_use_id", "type"})

_Role = Literal["user", "assistant", "system"]


def decode_messages(messages: Any, reader: BlockReader) -> Iterator[Turn]:
    """Neighbouring messages of one role as one turn, as the vendor reads them.

    The results in a user's messages are a turn of their own, in the order of the calls. Raises RequestRefused.
    """
    if not isinstance(messages, list) or not messages:
        raise RequestRefused("messages: at least one message is required", param="messages", code="invalid_value")
    calls: list[GivenCall] = []
    for role, group in groupby(enumerate(messages), lambda each: _role(*each)):
        given = [(message, f"messages[{i}]") for i, message in group]
        path = given[0][1]
        results, made = _read(given, reader)
        if calls or results:
            yield _results(calls, results, reader, path)
        parts, calls = tuple(made), []
        if role == "assistant":
            parts, calls = calls_of(parts)
        if parts or not results:
            extensions = tuple(each for message, at in given for each in read_extensions(message, _MESSAGE, at))
            yield Turn(role=role, parts=parts, path=path, extensions=extensions)
    if calls:
        raise _unanswered([call_id for call_id, _ in calls], f"messages[{len(messages) - 1}]")


def _role(i: int, message: Any) -> _Role:
    role = message.get("role") if isinstance(message, dict) else None
    if role not in ("user", "assistant", "system"):
        raise invalid_value(f"messages[{i}].role", "it must be user, assistant or system.")
    return role  # type: ignore[no-any-return]


def _read(messages: list[tuple[Json, str]], reader: BlockReader) -> tuple[list[tuple[Json, str]], list[Part]]:
    """The tool results of messages with their paths, and the parts of all else."""
    results: list[tuple[Json, str]] = []
    parts: list[Part] = []
    for message, path in messages:
        content, at = message.get("content"), f"{path}.content"
        if not isinstance(content, list):
            parts += reader.content(content, at)
            continue
        for i, block in enumerate(content):
            if isinstance(block, dict) and block.get("type") == "tool_result":
                results.append((block, f"{at}[{i}]"))
            else:
                parts += reader.block(block, f"{at}[{i}]")
    return results, parts


def _results(calls: Sequence[GivenCall], results: list[tuple[Json, str]], reader: BlockReader, path: str) -> Turn:
    waiting: defaultdict[str, deque[ToolCallPart]] = defaultdict(deque)
    for call_id, call in calls:
        waiting[call_id].append(call)
    found: dict[str, ToolResultPart] = {}
    for block, at in results:
        call_id = str(block.get("tool_use_id"))
        if not waiting[call_id]:
            raise RequestRefused(
                f"{at}: unexpected `tool_use_id` found in `tool_result` blocks: {call_id}. Each `tool_result` block "
                "must have a corresponding `tool_use` block in the previous message.",
                param=at,
                code="invalid_value",
            )
        call = waiting[call_id].popleft()
        content = tuple(
            part
            for part in reader.content(block.get("content"), f"{at}.content")
            if isinstance(part, TextPart | ImagePart | FilePart)
        )
        found[call.id] = ToolResultPart(
            call_id=call.id,
            name=call.name,
            content=content,
            path=at,
            is_error=block.get("is_error") is True,
            extensions=read_extensions(block, _RESULT, at),
        )
    missing = [call_id for call_id, call in calls if call.id not in found]
    if missing:
        raise _unanswered(missing, path)
    return Turn(role="tool", parts=tuple(found[call.id] for _, call in calls), path=path)


def _unanswered(ids: list[str], path: str) -> RequestRefused:
    return RequestRefused(
        f"{path}: `tool_use` ids were found without `tool_result` blocks immediately after: {', '.join(ids)}. Each "
        "`tool_use` block must have a corresponding `tool_result` block in the next message.",
        param=path,
        code="invalid_value",
    )
