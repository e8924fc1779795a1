"""Turns → DeepSeek's messages. https://api-docs.deepseek.com/api/create-chat-completion

Lists of parts are only known to be taken from users; the other roles' parts are joined.
"""

from __future__ import annotations

import base64

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json, dumps_text
from unigate_deepseek.reasoning import earlier_reasoning, thinks
from unigate_formats.neutral.request import (
    AudioPart,
    ChatRequest,
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    Turn,
)
from unigate_formats.neutral.translation import Context

TEXT_TYPES = ("text/", "application/json", "application/xml")


def to_messages(chat: ChatRequest, context: Context) -> list[Json]:
    """All turns as messages. Raises RequestRefused for content that DeepSeek cannot take."""
    thinking = thinks(chat)
    called = False
    messages: list[Json] = []
    for turn in chat.turns:
        match turn.role:
            case "system":
                messages.append(_named(turn, {"role": "system", "content": "\n".join(_texts(turn))}))
            case "user":
                messages.append(_named(turn, {"role": "user", "content": _user_content(turn)}))
            case "assistant":
                called = called or any(isinstance(part, ToolCallPart) for part in turn.parts)
                message = _assistant(turn)
                if thinking:
                    message |= _reasoning(turn, context, required=called)
                messages.append(message)
            case "tool":
                messages += _results(turn)
    return messages


def inline_kinds(chat: ChatRequest) -> frozenset[str]:
    """Which kinds of parts the adapter must fetch: DeepSeek follows no URLs."""
    kinds = {
        "image" if isinstance(part, ImagePart) else "file"
        for turn in chat.turns
        for part in turn.parts
        if isinstance(part, ImagePart | FilePart) and part.url
    }
    return frozenset(kinds)


def _reasoning(turn: Turn, context: Context, *, required: bool) -> Json:
    text = earlier_reasoning(turn, context)
    if text is None:
        return {"reasoning_content": ""} if required else {}
    return {"reasoning_content": text}


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


def _results(turn: Turn) -> list[Json]:
    """The results, and after them the images among them, which are only taken from users."""
    results = [part for part in turn.parts if isinstance(part, ToolResultPart)]
    images = [item for part in results for item in part.content if isinstance(item, ImagePart)]
    messages = [_result(part) for part in results]
    return [*messages, {"role": "user", "content": [_user_part(image) for image in images]}] if images else messages


def _result(part: ToolResultPart) -> Json:
    texts = [_as_text(item) for item in part.content if not isinstance(item, ImagePart)]
    return {"role": "tool", "tool_call_id": part.call_id, "content": "\n".join(texts)}


def _user_content(turn: Turn) -> str | list[Json]:
    if not turn.parts:
        return ""
    if len(turn.parts) == 1 and isinstance(turn.parts[0], TextPart):
        return turn.parts[0].text
    return [_user_part(part) for part in turn.parts]


def _user_part(part: Part) -> Json:
    if isinstance(part, ImagePart):
        url = part.url or f"data:{part.media_type};base64,{part.data}"
        image = {"url": url} if part.detail is None else {"url": url, "detail": part.detail}
        return {"type": "image_url", "image_url": image}
    return {"type": "text", "text": _as_text(part)}


def _texts(turn: Turn) -> list[str]:
    return [_as_text(part) for part in turn.parts]


def _as_text(part: Part) -> str:
    match part:
        case TextPart() | RefusalPart():
            return part.text
        case FilePart():
            return _file_text(part)
        case AudioPart():
            raise unsupported_value(part.path, "DeepSeek does not listen.")
        case ImagePart():
            raise unsupported_value(part.path, "DeepSeek takes images from the user only.")
    raise unsupported_value(part.path, "DeepSeek does not take this content.")


def _file_text(part: FilePart) -> str:
    """A text file as text under its name; DeepSeek has no place for documents."""
    if part.file_id:
        raise unsupported_value(part.path, "DeepSeek does not know uploaded files.")
    if not part.media_type.startswith(TEXT_TYPES):
        raise unsupported_value(part.path, f"DeepSeek does not read files of type '{part.media_type}'.")
    try:
        text = base64.b64decode(part.data).decode()
    except UnicodeDecodeError as error:
        raise RequestRefused(
            f"The file at '{part.path}' is not UTF-8.", param=part.path, code="invalid_value"
        ) from error
    return f"{part.filename}\n{text}" if part.filename else text


def _named(turn: Turn, message: Json) -> Json:
    return {**message, "name": turn.name} if turn.name else message
