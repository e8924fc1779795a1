"""Thought signatures between two turns. https://ai.google.dev/gemini-api/docs/thought-signatures

Going out, what an answer's parts must look like when they come back; coming in, the same parts from what the client or
the gateway kept. A signature belongs to exactly one part, so its place is kept with it:

    ReasoningBlock(text, signature)      a thought part
    ReasoningBlock(signature)            on the text of the answer
    ReasoningBlock(data)                 on an empty text part behind it
    ToolCall.signature                   on a function call
    Keep(call id, the turn's parts)      all of them, for clients that drop unknown fields
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unigate_core.errors import invalid_value
from unigate_core.json import Json, dumps, loads, loads_object
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.encode_media import file_data, image_data
from unigate_formats.gemini_generate_content.member import member
from unigate_formats.neutral.notes import THINKING_DROPPED
from unigate_formats.neutral.request import (
    FilePart,
    ImagePart,
    NativePart,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    Turn,
)

FORMAT = "google-v1"
PROVIDER = "gemini"
SKIP_SIGNATURE = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
"""base64 of skip_thought_signature_validator, which Google documents for histories from elsewhere."""

RAW_ARGUMENTS = "__raw_arguments"


def keep_blob(parts: Sequence[Json]) -> bytes:
    """The turn's parts as they are handed to the gateway for the next turn."""
    return dumps(parts)


def from_blob(blob: bytes) -> list[Json]:
    """The parts of a kept turn; none when the blob is not ours."""
    try:
        parts = loads(blob)
    except ValueError:
        return []
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def is_worth_keeping(parts: Sequence[Json]) -> bool:
    """Whether the client's own copy of the turn would lack anything."""
    return any("thoughtSignature" in part or "toolCall" in part for part in parts)


def assistant_parts(turn: Turn, stored: Mapping[str, bytes], report: DroppedValues) -> list[Json]:
    """The parts of an assistant turn, each signature on its part as far as it is known."""
    parts = _own_parts(turn, report)
    blob = next((stored[part.id] for part in turn.parts if isinstance(part, ToolCallPart) and part.id in stored), None)
    earlier = from_blob(blob) if blob is not None else []
    return _merged(parts, earlier) if earlier else parts


def with_skip_signature(parts: list[Any]) -> list[Any]:
    """The parts with the skip signature on the first function call, if that has none; the same list without any.

    The parts may be a client's own, in either spelling and with anything among them.
    """
    for i, part in enumerate(parts):
        if isinstance(part, dict) and isinstance(member(part, "functionCall"), dict):
            if member(part, "thoughtSignature") is not None:
                return parts
            return [*parts[:i], part | {"thoughtSignature": SKIP_SIGNATURE}, *parts[i + 1 :]]
    return parts


def with_signed_media(parts: list[Json]) -> list[Json]:
    """The parts with the skip signature on media that have none: models of images want one on each."""
    return [
        part | {"thoughtSignature": SKIP_SIGNATURE} if "inlineData" in part and "thoughtSignature" not in part else part
        for part in parts
    ]


def _own_parts(turn: Turn, report: DroppedValues) -> list[Json]:
    parts: list[Json] = []
    on_text = behind_text = None
    for part in turn.parts:
        match part:
            case ThoughtPart(format=form) if form != FORMAT:
                report.note(THINKING_DROPPED)
            case ThoughtPart(text="", signature=str(signature)):
                on_text = signature
            case ThoughtPart(text="", data=str(data)):
                behind_text = data
            case ThoughtPart(text=text, signature=signature):
                parts.append(_signed({"text": text, "thought": True}, signature))
            case NativePart(format=form, value=value):
                parts += value if form == PROVIDER else []
            case TextPart(text=text) | RefusalPart(text=text):
                parts.append({"text": text})
            case ToolCallPart():
                parts.append(_signed({"functionCall": _function_call(part, report)}, part.signature))
            case ImagePart():
                parts.append(_signed(image_data(part), part.signature))
            case FilePart():
                parts.append(file_data(part))
            case _:
                raise invalid_value(part.path, "an assistant message can contain only text and tool calls.")
    return _sign_text(parts, on_text, behind_text)


def _sign_text(parts: list[Json], on_text: str | None, behind_text: str | None) -> list[Json]:
    last = max((i for i, part in enumerate(parts) if part.get("text") and not part.get("thought")), default=-1)
    if on_text and last >= 0:
        parts = [*parts[:last], parts[last] | {"thoughtSignature": on_text}, *parts[last + 1 :]]
    if behind_text:
        parts = [*parts[: last + 1], {"text": "", "thoughtSignature": behind_text}, *parts[last + 1 :]]
    return parts


def _function_call(call: ToolCallPart, report: DroppedValues) -> Json:
    return {"id": call.id, "name": call.name, "args": _arguments(call, report)}


def _arguments(call: ToolCallPart, report: DroppedValues) -> Json:
    if call.custom:
        return {"input": call.arguments}
    if not call.arguments.strip():
        return {}
    try:
        return loads_object(call.arguments)
    except ValueError:
        # A call that was cut off must not make the rest of the conversation impossible.
        report.note("tool_args_wrapped")
        return {RAW_ARGUMENTS: call.arguments}


def _signed(part: Json, signature: str | None) -> Json:
    return part | {"thoughtSignature": signature} if signature else part


def _merged(own: list[Json], stored: list[Json]) -> list[Json]:
    """The kept parts verbatim where the client's say the same, else the client's with the kept signatures."""
    mine, theirs = _calls(own), _calls(stored)
    same = len(mine) == len(theirs) and all(_same_call(a, b) for a, b in zip(mine, theirs, strict=True))
    if same and _text(own) == _text(stored) and not any("inlineData" in part for part in own):
        return stored
    signatures = {part["functionCall"]["id"]: part.get("thoughtSignature") for part in theirs}
    return [
        _signed(part, signatures.get(part["functionCall"]["id"]))
        if "functionCall" in part and "thoughtSignature" not in part
        else part
        for part in own
    ]


def _calls(parts: list[Json]) -> list[Json]:
    return [part for part in parts if "functionCall" in part]


def _same_call(own: Json, stored: Json) -> bool:
    signature = own.get("thoughtSignature")
    return own["functionCall"] == stored["functionCall"] and signature in (None, stored.get("thoughtSignature"))


def _text(parts: list[Json]) -> str:
    return "".join(part["text"] for part in parts if "text" in part and not part.get("thought"))
