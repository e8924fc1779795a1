"""Models of DeepSeek's that read text only: the refusal of anything else, and histories without it.

https://api-docs.deepseek.com/api/create-chat-completion
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.translation import NativeCall

_REFUSAL: Final = re.compile(r"unknown variant[^,]{0,40}, expected `text`")
MESSAGE: Final = "This model reads text only: it takes no images, recordings or files."
_LEFT_OUT: Final = "[Something that is not text and that this model cannot read.]"


def is_text_only(status: int, message: str) -> bool:
    """Whether the model refuses a part because it is not text."""
    return status in (400, 422) and _REFUSAL.search(message) is not None


def without_earlier_media(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call with words in place of what earlier turns held beside text.

    None where the refusal is about something else, or where the last question itself is not text: without that the
    answer would be to another question.
    """
    messages = call.body.get("messages")
    if error.message != MESSAGE or not messages:
        return None
    last = max((at for at, message in enumerate(messages) if message["role"] == "user"), default=len(messages))
    if any(_media(message) for message in messages[last:]):
        return None
    dropped = [f"messages[{i}].content[{j}]" for i, message in enumerate(messages[:last]) for j in _media(message)]
    changed = [_as_text(message) if i < last else message for i, message in enumerate(messages)]
    return replace(call, body={**call.body, "messages": changed}, dropped=(*call.dropped, *dropped))


def _media(message: Json) -> list[int]:
    """Where a message has parts that are not text."""
    content = message.get("content")
    parts: list[Any] = content if isinstance(content, list) else []
    return [at for at, part in enumerate(parts) if part.get("type") != "text"]


def _as_text(message: Json) -> Json:
    media = _media(message)
    if not media:
        return message
    parts = [{"type": "text", "text": _LEFT_OUT} if at in media else part for at, part in enumerate(message["content"])]
    return {**message, "content": parts}
