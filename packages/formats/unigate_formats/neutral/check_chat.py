"""What a vendor lacks of a request that came in another vendor's format, by the vendor's table of chat parameters."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from unigate_core.json import Json
from unigate_formats.neutral.parameters import Parameters, check_parameters
from unigate_formats.neutral.request import ChatRequest

_FIELDS = {
    "max_completion_tokens": "max_tokens",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "top_logprobs": "top_logprobs",
    "parallel_tool_calls": "parallel_tool_calls",
    "reasoning_effort": "reasoning_effort",
    "service_tier": "service_tier",
    "user": "end_user",
    "web_search_options": "web_search",
    "response_format": "response_format",
}
"""Chat parameter → the field of the request that holds it."""

_EMPTY: Json = {"n": 1, "stop": (), "logprobs": False}


def check_chat(
    chat: ChatRequest, table: Parameters, *, provider: str, drop_unsupported: bool
) -> tuple[ChatRequest, list[str]]:
    """The request without what the vendor lacks, and the client's names of that. Raises RequestRefused."""
    asked: dict[str, Any] = {name: getattr(chat, field) for name, field in _FIELDS.items()}
    asked |= {"n": chat.n if chat.n > 1 else None, "stop": chat.stop or None, "logprobs": chat.logprobs or None}
    given = {name: value for name, value in asked.items() if value is not None}
    dropped = check_parameters(given, table, provider=provider, drop_unsupported=drop_unsupported)
    changes = {_FIELDS.get(name, name): _EMPTY.get(name) for name in dropped}
    return (structs.replace(chat, **changes) if changes else chat), [chat.param(name) for name in dropped]
