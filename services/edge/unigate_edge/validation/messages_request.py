"""POST /v1/messages, as far as the edge reads it. https://docs.anthropic.com/en/api/messages

What the vendor's own API takes is for the vendor to say: only what routes, limits and meters a request is looked at.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from unigate_edge.validation.types import Request


class _Block(Struct, frozen=True):
    type: str = ""
    id: str = ""


class _Message(Struct, frozen=True):
    content: str | list[_Block] = ""


_messages = msgspec.json.Decoder(list[_Message])


class MessagesRequest(Request, frozen=True):
    """The body of a request for a message, or for the count of its tokens."""

    model: str
    messages: Raw | UnsetType = UNSET
    max_tokens: Annotated[int, Meta(ge=0)] | None = None
    stream: bool | None = None

    def call_ids(self) -> list[str]:
        """The tool calls of earlier turns that the request repeats."""
        raw = bytes(self.messages) if isinstance(self.messages, Raw) else b""
        if b'"tool_use"' not in raw:
            return []
        try:
            messages = _messages.decode(raw)
        except ValueError:
            return []
        return [
            block.id
            for message in messages
            if isinstance(message.content, list)
            for block in message.content
            if block.type == "tool_use" and block.id
        ]
