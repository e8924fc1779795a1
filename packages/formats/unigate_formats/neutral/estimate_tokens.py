"""About how many tokens a request has, for vendors that cannot be asked."""

from __future__ import annotations

from typing import Any

from unigate_core.json import dumps_text
from unigate_core.token_estimate import MEDIA_TOKENS, text_tokens
from unigate_formats.neutral.request import ChatRequest, Part, TextPart, ToolCallPart, ToolResultPart

TURN_TOKENS = 4
"""For the role and the marks around a message."""


def estimate_tokens(chat: ChatRequest) -> int:
    """Tokens of the whole request, rather too many. For English text it is right within about 15 %."""
    tokens = 0
    for turn in chat.turns:
        tokens += TURN_TOKENS + sum(_part(part) for part in turn.parts)
    for tool in chat.tools:
        tokens += TURN_TOKENS + _text(f"{tool.name}{tool.description or ''}{dumps_text(tool.parameters or {})}")
    if chat.response_format is not None and chat.response_format.schema is not None:
        tokens += _text(dumps_text(chat.response_format.schema))
    return tokens


def _part(part: Part) -> int:
    match part:
        case ToolCallPart():
            return _text(part.name + part.arguments)
        case ToolResultPart():
            return TURN_TOKENS + sum(_part(item) for item in part.content)
        case TextPart():
            return _text(part.text)
    text: Any = getattr(part, "text", None)
    return _text(text) if isinstance(text, str) else MEDIA_TOKENS


def _text(text: str) -> int:
    ascii_only = text.isascii()
    return text_tokens(len(text) if ascii_only else len(text.encode(errors="replace")), ascii_only=ascii_only)
