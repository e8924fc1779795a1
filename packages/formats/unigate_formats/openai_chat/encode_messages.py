"""Turns → messages of chat completions. https://platform.openai.com/docs/api-reference/chat/create

Lists of parts are only known to be taken from users by every vendor; the other roles' parts are joined.
"""

from __future__ import annotations

from unigate_core.errors import unsupported_value
from unigate_core.json import Json, dumps_text
from unigate_formats.neutral.notes import THINKING_DROPPED, add_note
from unigate_formats.neutral.request import (
    AudioPart,
    ChatRequest,
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
    all_parts,
)
from unigate_formats.neutral.text_files import is_text, text_of
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.profile import ChatProfile


def to_messages(profile: ChatProfile, chat: ChatRequest, context: Context, notes: list[str]) -> list[Json]:
    """All turns as messages; `notes` grows. Raises RequestRefused for content that the vendor cannot take."""
    called = False
    messages: list[Json] = []
    for turn in chat.turns:
        match turn.role:
            case "system":
                content = "\n".join(_as_text(profile, part) for part in turn.parts)
                messages.append(_named(turn, {"role": "system", "content": content}))
            case "user":
                messages.append(_named(turn, {"role": "user", "content": _user_content(profile, turn)}))
            case "assistant":
                called = called or any(isinstance(part, ToolCallPart) for part in turn.parts)
                thoughts = profile.thoughts(chat, turn, context, called=called)
                messages.append(_assistant(turn) | thoughts)
                if not any(thoughts.values()) and any(isinstance(part, ThoughtPart) for part in turn.parts):
                    add_note(notes, THINKING_DROPPED)
            case "tool":
                messages += _results(profile, turn, notes)
    return messages


def inline_kinds(profile: ChatProfile, chat: ChatRequest) -> frozenset[str]:
    """Which kinds of parts the adapter must fetch: those at URLs that the vendor does not follow."""
    kinds = {
        "image" if isinstance(part, ImagePart) else "file"
        for turn in chat.turns
        for part in all_parts(turn.parts)
        if isinstance(part, ImagePart | FilePart) and part.url
    }
    return frozenset(kinds - {"image"} if profile.follows_urls else kinds)


def _assistant(turn: Turn) -> Json:
    text = "".join(part.text for part in turn.parts if isinstance(part, TextPart | RefusalPart))
    message = _named(turn, {"role": "assistant", "content": text})
    calls = [_call(part) for part in turn.parts if isinstance(part, ToolCallPart)]
    if calls:
        message["tool_calls"] = calls
    return message


def _call(part: ToolCallPart) -> Json:
    arguments = dumps_text({"input": part.arguments}) if part.custom else part.arguments
    return {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": arguments}}


def _results(profile: ChatProfile, turn: Turn, notes: list[str]) -> list[Json]:
    """The results, and after them the media among them, which are only taken from users."""
    results = [part for part in turn.parts if isinstance(part, ToolResultPart)]
    media = [item for part in results for item in part.content if not isinstance(item, TextPart)]
    messages = [_result(part) for part in results]
    if media:
        messages.append({"role": "user", "content": [_user_part(profile, item) for item in media]})
        add_note(notes, "tool_media_by_user")
    return messages


def _result(part: ToolResultPart) -> Json:
    texts = [item.text for item in part.content if isinstance(item, TextPart)]
    return {"role": "tool", "tool_call_id": part.call_id, "content": "\n".join(texts)}


def _user_content(profile: ChatProfile, turn: Turn) -> str | list[Json]:
    if not turn.parts:
        return ""
    if len(turn.parts) == 1 and isinstance(turn.parts[0], TextPart):
        return turn.parts[0].text
    return [_user_part(profile, part) for part in turn.parts]


def _user_part(profile: ChatProfile, part: Part) -> Json:
    match part:
        case ImagePart() if "image" in profile.media:
            url = part.url or f"data:{part.media_type};base64,{part.data}"
            image = {"url": url} if part.detail is None else {"url": url, "detail": part.detail}
            return {"type": "image_url", "image_url": image}
        case AudioPart() if "audio" in profile.media:
            return {"type": "input_audio", "input_audio": {"data": part.data, "format": part.format}}
        case FilePart() if part.media_type == "application/pdf" and "file" in profile.media:
            data = f"data:{part.media_type};base64,{part.data}"
            return {"type": "file", "file": {"filename": part.filename or "document.pdf", "file_data": data}}
    return {"type": "text", "text": _as_text(profile, part)}


def _as_text(profile: ChatProfile, part: Part) -> str:
    match part:
        case TextPart() | RefusalPart():
            return part.text
        case FilePart():
            return _file_text(profile, part)
        case AudioPart():
            raise unsupported_value(part.path, f"{profile.title} does not take audio here.")
        case ImagePart():
            raise unsupported_value(part.path, f"{profile.title} takes images from the user only.")
    raise unsupported_value(part.path, f"{profile.title} does not take this content.")


def _file_text(profile: ChatProfile, part: FilePart) -> str:
    """A text file as text under its name, for there is no place for other documents."""
    if part.file_id:
        raise unsupported_value(part.path, f"{profile.title} does not know uploaded files.")
    if not is_text(part):
        raise unsupported_value(part.path, f"{profile.title} does not read files of type '{part.media_type}'.")
    text = text_of(part)
    return f"{part.filename}\n{text}" if part.filename else text


def _named(turn: Turn, message: Json) -> Json:
    return {**message, "name": turn.name} if turn.name else message
