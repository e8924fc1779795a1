"""What a whole Anthropic message and a stream of one have in common. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from unigate_core.encrypted_content import EncryptedPayload, PayloadBlock
from unigate_core.json import Json
from unigate_formats.neutral.events import Citation, FinishReason, Media, ReasoningBlock, ServerTool, Usage

STOP_REASONS: Mapping[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


class MessageContext(msgspec.Struct, frozen=True):
    """Whom a message is written for. `model` is the name that the client asked for; `vendor_model` and `provider` are
    what answers; `encrypt` makes the token that a client carries for them; `fallback_id` is for a vendor without ids.
    """

    model: str
    provider: str
    vendor_model: str
    fallback_id: str
    encrypt: Callable[[EncryptedPayload], str]

    def token(self, block: ReasoningBlock) -> str:
        """What the vendor must see again of a thought, for the block's signature. The text stands beside it."""
        payload = PayloadBlock(format=block.format, signature=block.signature, data=block.data)
        return self.encrypt(EncryptedPayload(provider=self.provider, model=self.vendor_model, blocks=(payload,)))

    def call_token(self, call_id: str, signature: str) -> str:
        """What the vendor must see again of a tool call."""
        return self.encrypt(
            EncryptedPayload(provider=self.provider, model=self.vendor_model, signatures={call_id: signature})
        )


def message_id(native: str, fallback: str) -> str:
    """The id of a message, begun as Anthropic begins it."""
    given = native or fallback
    return given if given.startswith("msg_") else f"msg_{given}"


def message_usage(usage: Usage | None) -> Json:
    """Cache reads and writes stand beside `input_tokens`."""
    usage = usage or Usage()
    cached = min(usage.input, usage.cache_read + usage.cache_write)
    return {
        "input_tokens": usage.input - cached,
        "cache_creation_input_tokens": min(usage.cache_write, usage.input),
        "cache_read_input_tokens": min(usage.cache_read, usage.input),
        "output_tokens": usage.output,
    }


def message_object(context: MessageContext, native_id: str, content: list[Json], usage: Usage | None) -> Json:
    """A message that has not ended."""
    return {
        "id": message_id(native_id, context.fallback_id),
        "type": "message",
        "role": "assistant",
        "model": context.model,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": message_usage(usage),
    }


def citation(event: Citation, text: str) -> Json:
    """A URL citation of the text block that it stands in."""
    return {
        "type": "web_search_result_location",
        "url": event.url,
        "title": event.title or None,
        "cited_text": text,
        "encrypted_index": "",
    }


def media_text(event: Media) -> str:
    """A picture that a model made: Anthropic's answers hold text only, so it is a picture in Markdown."""
    return f"![image](data:{event.media_type};base64,{event.data})"


def server_tool_blocks(event: ServerTool) -> list[Json]:
    """What the vendor searched, in Anthropic's form; code that ran is text."""
    if event.kind != "web_search":
        texts = [f"```\n{text.rstrip()}\n```" for text in (event.code, *event.outputs) if text]
        return [{"type": "text", "text": "\n".join(texts)}] if texts else []
    id_ = f"srvtoolu_{''.join(c for c in event.id if c.isalnum()) or 'search'}"
    results: list[Any] = [
        {"type": "web_search_result", "url": url, "title": url, "encrypted_content": "", "page_age": None}
        for url in event.sources
    ]
    return [
        {"type": "server_tool_use", "id": id_, "name": "web_search", "input": {"query": ", ".join(event.queries)}},
        {"type": "web_search_tool_result", "tool_use_id": id_, "content": results},
    ]
