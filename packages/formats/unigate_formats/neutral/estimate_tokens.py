"""About how many tokens a request has, for vendors that cannot be asked."""

from __future__ import annotations

from typing import Any

from unigate_core.json import dumps_text
from unigate_formats.neutral.request import ChatRequest, Part, TextPart, ToolCallPart, ToolResultPart

ASCII_PER_TOKEN = 4
"""Characters of English text or JSON."""
BYTES_PER_TOKEN = 3
"""Of UTF-8 text in other scripts."""
MEDIA_TOKENS = 1000
"""For a picture, a recording or a file, however large."""
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
    if text.isascii():
        return -(-len(text) // ASCII_PER_TOKEN)
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN)
