"""Turns → `system` and `messages`. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html

Converse knows user and assistant turns that alternate, the user's first, and refuses blank text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from unigate_core.counts import members
from unigate_core.errors import unsupported_value
from unigate_core.json import Json, dumps_text, loads
from unigate_formats.bedrock_converse.encode_media import to_audio, to_document, to_image
from unigate_formats.bedrock_converse.request_state import FORMAT
from unigate_formats.neutral.call_ids import accepted_id
from unigate_formats.neutral.extensions import extension
from unigate_formats.neutral.generated_media import said_by_user
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import (
    AudioPart,
    FilePart,
    ImagePart,
    NativePart,
    Part,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CACHE_POINT: Json = {"cachePoint": {"type": "default"}}
MAX_CACHE_POINTS = 4


class Conversation(msgspec.Struct):
    """`system` and `messages` as they grow, and what is to be reported of the way there."""

    replay: Mapping[str, bytes]
    system: list[Json] = msgspec.field(default_factory=list)
    messages: list[Json] = msgspec.field(default_factory=list)
    dropped: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    documents: int = 0
    cache_points: int = 0
    called: dict[str, None] = msgspec.field(default_factory=dict)
    """The names of tools that were called, in order."""


def to_conversation(
    turns: tuple[Turn, ...], replay: Mapping[str, bytes], *, drop_unsupported: bool = False
) -> Conversation:
    """Translate all turns. Raises RequestRefused."""
    conversation = Conversation(replay)
    turns, noted = said_by_user(turns)
    conversation.notes += noted
    for turn in turns:
        if turn.name:
            conversation.dropped.append(f"{turn.path}.name")
        if turn.role == "system":
            if conversation.messages:
                add_note(conversation.notes, "system_hoisted")
            conversation.system += _turn(conversation, turn)
            continue
        role = "assistant" if turn.role == "assistant" else "user"
        blocks = _turn(conversation, turn)
        if not blocks:
            if len(turns) > 1:
                conversation.dropped.append(turn.path)
                continue
            raise unsupported_value(turn.path, "Bedrock does not take a message without any text.")
        if conversation.messages and conversation.messages[-1]["role"] == role:
            conversation.messages[-1]["content"] += blocks
        else:
            conversation.messages.append({"role": role, "content": blocks})
    if not conversation.messages:
        _say_as_user(conversation, drop_unsupported=drop_unsupported)
    _settle(conversation)
    return conversation


def _say_as_user(conversation: Conversation, *, drop_unsupported: bool) -> None:
    """Instructions that stand alone are said by the user: a request without a message is refused."""
    if not drop_unsupported or not conversation.system:
        raise unsupported_value("messages", "Bedrock needs at least one message beside system messages.")
    conversation.messages = [{"role": "user", "content": conversation.system}]
    conversation.system = []
    conversation.notes.append("system_as_user")


def _settle(conversation: Conversation) -> None:
    """What Bedrock wants of the whole: the user's turn first, and words beside each document."""
    if conversation.messages[0]["role"] == "assistant":
        conversation.messages.insert(0, {"role": "user", "content": [{"text": "Continue."}]})
        conversation.notes.append("user_turn_added")
    for message in conversation.messages:
        content = message["content"]
        if any("document" in block for block in content) and not any("text" in block for block in content):
            names = ", ".join(block["document"]["name"] for block in content if "document" in block)
            content.insert(0, {"text": names})
    last = conversation.messages[-1]
    if last["role"] == "assistant":
        conversation.notes.append("assistant_prefill")
        block = last["content"][-1]
        if "text" in block and block["text"] != block["text"].rstrip():
            last["content"][-1] = {"text": block["text"].rstrip()}
            conversation.notes.append("assistant_prefill_trimmed")


def _turn(conversation: Conversation, turn: Turn) -> list[Json]:
    blocks = [*_replayed(conversation, turn)]
    stored = bool(blocks)
    for part in turn.parts:
        if stored and isinstance(part, ThoughtPart):
            continue
        added = [*_blocks(conversation, part)]
        blocks += added
        mark = _mark(part) if added else None
        if mark is not None:
            _add_cache_point(conversation, blocks, mark)
    mark = _mark(turn) if blocks else None
    if mark is not None:
        _add_cache_point(conversation, blocks, mark)
    return blocks


def _mark(holder: Part | Turn) -> tuple[Any, str] | None:
    """The cache breakpoint of a part or turn with its path. Inside a tool's result there is no place for one: the
    first of those marks stands after the result."""
    own = extension(getattr(holder, "extensions", ()), "cache_control")
    if own is not None:
        return own, f"{holder.path}.cache_control"
    if getattr(holder, "cached", False):
        return None, f"{holder.path}.prompt_cache_breakpoint"
    if isinstance(holder, ToolResultPart):
        return next((mark for item in holder.content if (mark := _mark(item))), None)
    return None


def _add_cache_point(conversation: Conversation, blocks: list[Json], mark: tuple[Any, str]) -> None:
    value, path = mark
    if conversation.cache_points >= MAX_CACHE_POINTS:
        conversation.dropped.append(path)
        return
    conversation.cache_points += 1
    conversation.dropped += lost_lifetime(value, path)
    blocks.append(CACHE_POINT)


def lost_lifetime(mark: Any, path: str) -> list[str]:
    """The path of a `cache_control.ttl` other than the cache's own five minutes."""
    return [f"{path}.ttl"] if members(mark).get("ttl") not in (None, "5m") else []


def _replayed(conversation: Conversation, turn: Turn) -> Iterator[Json]:
    """The thoughts that the model must see again beside its calls, where they were stored."""
    ids = [part.id for part in turn.parts if isinstance(part, ToolCallPart) and part.id in conversation.replay]
    if turn.role != "assistant" or not ids:
        return
    try:
        thoughts = loads(conversation.replay[ids[0]])
    except ValueError:
        return
    if isinstance(thoughts, list):
        yield from ({"reasoningContent": thought} for thought in thoughts if isinstance(thought, dict))


def _blocks(conversation: Conversation, part: Part) -> Iterator[Json]:
    """The content blocks of a part; none for blank text."""
    match part:
        case TextPart(text) | RefusalPart(text):
            if text.strip():
                yield {"text": text}
        case ImagePart():
            if part.detail:
                conversation.dropped.append(f"{part.path.removesuffix('.url')}.detail")
            yield to_image(part)
        case FilePart():
            conversation.documents += 1
            yield to_document(part, conversation.documents)
        case AudioPart():
            yield to_audio(part)
        case ThoughtPart():
            thoughts = [*_thought(part)]
            if not thoughts:
                add_note(conversation.notes, THINKING_DROPPED)
            yield from thoughts
        case ToolCallPart():
            conversation.called[part.name] = None
            yield {"toolUse": {"toolUseId": native_id(part.id), "name": part.name, "input": _input(conversation, part)}}
        case ToolResultPart():
            yield _result(conversation, part)
        case NativePart(value=[{"toolUseId": str()} as use, {"toolUseId": str()} as result]):
            yield from ({"toolUse": use}, {"toolResult": result})


def _thought(part: ThoughtPart) -> Iterator[Json]:
    """Only Bedrock's own thoughts; a signature is never made up."""
    if part.format != FORMAT:
        return
    if part.data:
        yield {"reasoningContent": {"redactedContent": part.data}}
    elif part.signature:
        yield {"reasoningContent": {"reasoningText": {"text": part.text, "signature": part.signature}}}


def _input(conversation: Conversation, part: ToolCallPart) -> Json:
    if part.custom:
        return {"input": part.arguments}
    if not part.arguments.strip():
        return {}
    try:
        value = loads(part.arguments)
    except ValueError:
        value = None
    if isinstance(value, dict):
        return value
    # A call cut off by a length limit must not make its conversation unusable.
    add_note(conversation.notes, "tool_args_wrapped")
    return {"__raw_arguments": part.arguments}


def _result(conversation: Conversation, part: ToolResultPart) -> Json:
    content = [block for item in part.content for block in _blocks(conversation, item)] or [{"text": "(no output)"}]
    result: Json = {"toolUseId": native_id(part.call_id), "content": content}
    if part.is_error:
        result["status"] = "error"
    return {"toolResult": result}


def native_id(call_id: str) -> str:
    """The id of a call as Bedrock takes it."""
    return accepted_id(call_id, _ID, "tooluse_")


def as_instruction(text: str) -> Json:
    """A system block of ours."""
    return {"text": text}


def names_text(names: tuple[str, ...]) -> str:
    """Names of tools in a sentence."""
    return " or ".join(dumps_text(name) for name in names)
