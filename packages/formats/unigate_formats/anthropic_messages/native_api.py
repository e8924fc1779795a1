"""Anthropic's Messages API in front of Anthropic. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from typing import Any

from unigate_core.counts import members
from unigate_core.encrypted_content import PREFIX
from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps, loads_object, raw_members
from unigate_core.json_splice import splice
from unigate_core.sse import parse_event
from unigate_formats.anthropic_messages.usage import merged, to_usage
from unigate_formats.neutral.native_api import NativeApi, NativeMetadata, TokenCounter

_OURS = f'"{PREFIX}'.encode()


def rewrite(body: bytes, model: str, public: str) -> bytes:
    """The request with the vendor's name of the model, and without thoughts that another vendor has had."""
    del public
    try:
        changes = {"model": dumps(model)}
        if _OURS in body:
            changes["messages"] = dumps(_without_foreign_thoughts(loads_object(body).get("messages")))
        return splice(body, changes)
    except ValueError as error:
        raise RequestRefused("The request body is not a JSON object.", param=None, code="invalid_json") from error


def _without_foreign_thoughts(messages: Any) -> Any:
    if not isinstance(messages, list):
        return messages
    return [
        {**message, "content": [block for block in message["content"] if not _is_foreign(block)]}
        if isinstance(message, dict) and isinstance(message.get("content"), list)
        else message
        for message in messages
    ]


def _is_foreign(block: Any) -> bool:
    """Whether it is a thought that the gateway wrote for another vendor's model."""
    token = members(block).get("signature") or members(block).get("data")
    return isinstance(token, str) and token.startswith(PREFIX)


class MessageReader:
    """Reads a message, whole or streamed."""

    def __init__(self, public: str) -> None:
        self.metadata = NativeMetadata()
        self._public = public
        self._counts: Json = {}
        self._ended = False
        self._error: bytes | None = None

    def whole(self, body: bytes) -> bytes:
        """The message under the client's name of the model."""
        try:
            message = loads_object(body)
        except ValueError:
            return body
        self._read(message)
        return self._named(body, message)

    def event(self, raw: bytes) -> bytes:
        """The event; that with the message's head is changed, all others stay as they are."""
        if b'"content_block_delta"' in raw[:96]:
            return raw
        data = parse_event(raw)[1]
        try:
            event = loads_object(data)
        except ValueError:
            return raw
        match event:
            case {"type": "message_start", "message": dict(message)}:
                self._read(message)
                named = self._named(bytes(raw_members(data)["message"]), message)
                return raw.replace(data, splice(data, {"message": named}), 1)
            case {"type": "message_delta"}:
                self._count(event)
                reason = members(event.get("delta")).get("stop_reason")
                self._finish(reason)
            case {"type": "message_stop"}:
                self._ended = True
            case {"type": "error"}:
                self._error = data
        return raw

    def ended(self) -> bool:
        """Whether message_stop was seen."""
        return self._ended

    def error(self) -> bytes | None:
        """The error event's data."""
        return self._error

    def _read(self, message: Json) -> None:
        self.metadata.id, self.metadata.model = str(message.get("id") or ""), str(message.get("model") or "")
        self._count(message)
        self._finish(message.get("stop_reason"))

    def _count(self, holder: Json) -> None:
        if isinstance(holder.get("usage"), dict):
            self._counts = merged(self._counts, holder["usage"])
            self.metadata.usage = to_usage(self._counts)
        elif isinstance(holder.get("input_tokens"), int):
            self.metadata.usage = None  # a count of tokens costs none

    def _finish(self, reason: Any) -> None:
        if isinstance(reason, str):
            self.metadata.finish_reasons[0] = reason

    def _named(self, data: bytes, message: Json) -> bytes:
        return splice(data, {"model": dumps(self._public)}) if self._public and "model" in message else data


API = NativeApi(
    rewrite=rewrite,
    reader=MessageReader,
    response_headers=("anthropic-", "request-id", "retry-after", "x-should-retry"),
)
"""Open families: whatever Anthropic adds to them reaches the client."""

_NOT_COUNTED = frozenset(
    {"max_tokens", "metadata", "service_tier", "stop_sequences", "stream", "temperature", "top_k", "top_p"}
)

COUNTER = TokenCounter(
    path=lambda model: "messages/count_tokens",
    body=lambda body, model: {key: value for key, value in body.items() if key not in _NOT_COUNTED},
    count=lambda answer: int(answer["input_tokens"]),
)
"""https://docs.anthropic.com/en/api/messages-count-tokens"""
