"""Turns of the conversation → `system` and `messages`. https://docs.anthropic.com/en/api/messages

Anthropic knows user and assistant turns only, joins neighbours of one role, and refuses blank text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from unigate_core.errors import unsupported_value
from unigate_core.json import Json, loads
from unigate_formats.anthropic_messages.encode_media import to_document, to_image
from unigate_formats.anthropic_messages.replay import from_blob, restored, thoughts_of
from unigate_formats.anthropic_messages.request_state import FORMAT, PROVIDER, THINKING
from unigate_formats.anthropic_messages.tool_schema import rename_members
from unigate_formats.neutral.call_ids import accepted_id
from unigate_formats.neutral.extensions import extension
from unigate_formats.neutral.generated_media import said_by_user
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import (
    AudioPart,
    ChatRequest,
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

_ID = re.compile(r"[A-Za-z0-9_-]+")


class Breakpoint(NamedTuple):
    """A block or tool that has `cache_control`, and where the client asked for it."""

    block: Json
    path: str


class Conversation(msgspec.Struct):
    """`system` and `messages` as they grow, and what is to be reported of the way there."""

    model: ModelInfo
    replay: Mapping[str, bytes]
    system: list[Json] = msgspec.field(default_factory=list)
    messages: list[Json] = msgspec.field(default_factory=list)
    dropped: list[str] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)
    breakpoints: list[Breakpoint] = msgspec.field(default_factory=list)
    ids: dict[str, str] = msgspec.field(default_factory=dict)
    used: set[str] = msgspec.field(default_factory=set)
    renamed: Mapping[str, Mapping[str, str]] = msgspec.field(default_factory=dict)

    def call_id(self, id_: str) -> str:
        """The native id of a new call. Anthropic wants them unique in the whole conversation."""
        native = unique = native_id(id_)
        while unique in self.used:
            unique = f"{native}_{len(self.used)}"
        self.used.add(unique)
        self.ids[id_] = unique
        return unique


def to_conversation(
    chat: ChatRequest,
    model: ModelInfo,
    replay: Mapping[str, bytes],
    renamed: Mapping[str, Mapping[str, str]] | None = None,
    *,
    drop_unsupported: bool = False,
) -> Conversation:
    """Translate all turns. `renamed` has by tool the client's names of properties that have another one at Anthropic.

    Raises RequestRefused.
    """
    sent = {tool: {name: safe for safe, name in names.items()} for tool, names in (renamed or {}).items()}
    conversation = Conversation(model=model, replay=replay, renamed=sent)
    turns, noted = said_by_user(chat.turns)
    conversation.notes += noted
    for number, turn in enumerate(turns):
        if turn.name:
            conversation.dropped.append(f"{turn.path}.name")
        held = len(conversation.messages), len(conversation.system)
        if turn.role == "system":
            _add_system(
                conversation, turn, next((t.role for t in turns[number + 1 :] if t.role != "system"), "assistant")
            )
        elif turn.role == "assistant":
            _add(conversation, "assistant", _assistant(conversation, turn))
        else:
            blocks = [block for part in turn.parts for block in _blocks(conversation, part)]
            if not blocks and len(turns) > 1:
                conversation.dropped.append(turn.path)
                continue
            if not blocks:
                raise unsupported_value(turn.path, "Anthropic does not take a message without any text.")
            _add(conversation, "user", blocks)
        if turn.extensions:
            _mark_turn(conversation, turn, held)
    if not any(message["role"] != "system" for message in conversation.messages):
        _say_as_user(conversation, drop_unsupported=drop_unsupported)
    _end_with_user(conversation, turns, drop_unsupported=drop_unsupported)
    return conversation


def _add(conversation: Conversation, role: str, blocks: list[Json]) -> None:
    if not blocks:
        return
    if conversation.messages and conversation.messages[-1]["role"] == role:
        conversation.messages[-1]["content"] += blocks
    else:
        conversation.messages.append({"role": role, "content": blocks})


def _add_system(conversation: Conversation, turn: Turn, next_role: str) -> None:
    """At the head, and for models that know it after a user turn that is to be answered; hoisted from elsewhere.

    https://docs.anthropic.com/en/docs/build-with-claude/mid-conversation-system-messages
    """
    blocks = [block for part in turn.parts for block in _blocks(conversation, part)]
    if not blocks:
        return
    if not conversation.messages:
        conversation.system += blocks
    elif (
        "mid_conversation_system" in conversation.model.features
        and next_role == "assistant"
        and conversation.messages[-1]["role"] in ("user", "system")
    ):
        _add(conversation, "system", blocks)
    else:
        conversation.system += blocks
        add_note(conversation.notes, "system_hoisted")


def _assistant(conversation: Conversation, turn: Turn) -> list[Json]:
    """The turn as it was made where that is known, else the parts in their order."""
    calls = {part.id: _tool_use(conversation, part) for part in turn.parts if isinstance(part, ToolCallPart)}
    stored: list[Json] = next((from_blob(conversation.replay[id_]) for id_ in calls if id_ in conversation.replay), [])
    thoughts = [block for part in turn.parts if isinstance(part, ThoughtPart) for block in _thought(part)]
    if stored and (not thoughts or thoughts == thoughts_of(stored)):
        texts_of_turn = (part for part in turn.parts if isinstance(part, TextPart | RefusalPart))
        texts = [block for part in texts_of_turn for block in _blocks(conversation, part)]
        return restored(stored, texts, calls)
    return [
        block
        for part in turn.parts
        for block in ([calls[part.id]] if isinstance(part, ToolCallPart) else _blocks(conversation, part))
    ]


def _thought(part: ThoughtPart) -> Iterator[Json]:
    """Only Anthropic's own thoughts with their proof; a signature is never made up."""
    if part.format != FORMAT:
        return
    if part.data:
        yield {"type": "redacted_thinking", "data": part.data}
    elif part.signature:
        yield {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _own(part: NativePart) -> Iterator[Json]:
    """Blocks that Anthropic itself made earlier."""
    if part.format == PROVIDER:
        yield from part.value if isinstance(part.value, list) else [part.value]


def _tool_use(conversation: Conversation, part: ToolCallPart) -> Json:
    block = {
        "type": "tool_use",
        "id": conversation.call_id(part.id),
        "name": part.name,
        "input": _input(conversation, part),
    }
    _mark(conversation, part, block)
    return block


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
        names = conversation.renamed.get(part.name)
        return rename_members(value, names) if names else value
    # A call cut off by a length limit must not make its conversation unusable.
    add_note(conversation.notes, "tool_args_wrapped")
    return {"__raw_arguments": part.arguments}


def native_id(call_id: str) -> str:
    """The id of a call as Anthropic takes it."""
    return accepted_id(call_id, _ID, "toolu_")


def _blocks(conversation: Conversation, part: Part) -> Iterator[Json]:
    """The content blocks of a part; none for blank text."""
    match part:
        case ThoughtPart():
            thoughts = [*_thought(part)]
            if not thoughts:
                add_note(conversation.notes, THINKING_DROPPED)
            yield from thoughts
        case NativePart():
            yield from _own(part)
        case TextPart(text) | RefusalPart(text) if not text.strip():
            pass
        case _:
            block = _block(conversation, part)
            _mark(conversation, part, block)
            yield block


def _block(conversation: Conversation, part: Part) -> Json:
    match part:
        case TextPart(text) | RefusalPart(text):
            return {"type": "text", "text": text}
        case ImagePart():
            if part.detail:
                conversation.dropped.append(f"{part.path.removesuffix('.url')}.detail")
            return to_image(part)
        case FilePart():
            return to_document(part)
        case ToolResultPart():
            block: Json = {
                "type": "tool_result",
                "tool_use_id": conversation.ids.get(part.call_id) or native_id(part.call_id),
            }
            content = [inner for item in part.content for inner in _blocks(conversation, item)]
            if part.is_error:
                block["is_error"] = True
            return block | {"content": content} if content else block
    kind = "audio" if isinstance(part, AudioPart) else "this kind of content here"
    raise unsupported_value(part.path, f"Anthropic does not take {kind}.")


def _mark(conversation: Conversation, part: Any, block: Json) -> None:
    """Set the cache breakpoint that the client put on a part, in Anthropic's words or in OpenAI's."""
    own = extension(getattr(part, "extensions", ()), "cache_control")
    if own is not None:
        conversation.breakpoints.append(Breakpoint(block, f"{part.path}.cache_control"))
        block["cache_control"] = own
    elif getattr(part, "cached", False):
        conversation.breakpoints.append(Breakpoint(block, f"{part.path}.prompt_cache_breakpoint"))
        block["cache_control"] = {"type": "ephemeral"}


def _mark_turn(conversation: Conversation, turn: Turn, held: tuple[int, int]) -> None:
    """Set the breakpoint of a whole message on its last block."""
    own = extension(turn.extensions, "cache_control")
    blocks = (
        conversation.messages[-1]["content"] if len(conversation.messages) > held[0] else conversation.system[held[1] :]
    )
    if own is None:
        return
    path = f"{turn.path}.cache_control"
    if not blocks or blocks[-1]["type"] in THINKING:
        conversation.dropped.append(path)
        return
    conversation.breakpoints.append(Breakpoint(blocks[-1], path))
    blocks[-1]["cache_control"] = own


def _say_as_user(conversation: Conversation, *, drop_unsupported: bool) -> None:
    """Instructions that stand alone are said by the user: a request without a message is refused."""
    said = [*conversation.system, *(block for message in conversation.messages for block in message["content"])]
    if not drop_unsupported or not said:
        raise unsupported_value("messages", "Anthropic needs at least one message beside system messages.")
    conversation.system, conversation.messages = [], [{"role": "user", "content": said}]
    conversation.notes.append("system_as_user")


def _end_with_user(conversation: Conversation, turns: tuple[Turn, ...], *, drop_unsupported: bool) -> None:
    """An assistant message at the end is gone on with by older models; newer ones are asked to, as they refuse it."""
    last = conversation.messages[-1]
    if last["role"] != "assistant":
        return
    path = next((turn.path for turn in reversed(turns) if turn.role == "assistant"), "messages")
    if "prefill" not in conversation.model.features:
        if drop_unsupported:
            conversation.messages.append({"role": "user", "content": [{"type": "text", "text": "Continue."}]})
            conversation.notes.append("user_turn_added")
            return
        raise unsupported_value(
            path, f"{conversation.model.id} cannot continue an assistant message; end with a user message."
        )
    conversation.notes.append("assistant_prefill")
    block = last["content"][-1]
    if block["type"] == "text" and block["text"] != block["text"].rstrip():
        # Anthropic refuses trailing white space here; the model writes it itself.
        last["content"][-1] = block | {"text": block["text"].rstrip()}
        conversation.notes.append("assistant_prefill_trimmed")
