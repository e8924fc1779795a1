"""OpenAI's chat completions request → ChatRequest. https://platform.openai.com/docs/api-reference/chat/create

The edge has validated the types already; here is what only the whole conversation can show: results belong to calls,
tools named are tools declared.
"""

from __future__ import annotations

from typing import Any

from unigate_core.errors import RequestRefused, invalid_value
from unigate_core.json import Json
from unigate_formats.neutral.check_tools import check_tools, without_repeated
from unigate_formats.neutral.request import ChatRequest, ResponseFormat, WebSearch
from unigate_formats.neutral.typed import mapping
from unigate_formats.openai_chat.decode_messages import decode_messages
from unigate_formats.openai_chat.decode_tools import decode_tool_choice, decode_tools


def decode_request(body: Json, *, drop_unsupported: bool = False) -> ChatRequest:
    """Read a chat request. Raises RequestRefused."""
    dropped: list[str] = []
    tools, legacy = decode_tools(body, dropped, drop_unsupported=drop_unsupported)
    tools, repeated = without_repeated(tools)
    choice = decode_tool_choice(body)
    check_tools(tools, choice)
    stream_options = body.get("stream_options") or {}
    return ChatRequest(
        model=body["model"],
        turns=tuple(decode_messages(body["messages"])),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=body.get("parallel_tool_calls"),
        max_tokens=_max_tokens(body),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        top_k=body.get("top_k"),
        n=body.get("n") or 1,
        stop=_stop(body.get("stop")),
        seed=body.get("seed"),
        frequency_penalty=body.get("frequency_penalty"),
        presence_penalty=body.get("presence_penalty"),
        logprobs=bool(body.get("logprobs")),
        top_logprobs=body.get("top_logprobs"),
        response_format=_response_format(body.get("response_format")),
        reasoning_effort=body.get("reasoning_effort"),
        web_search=_web_search(body.get("web_search_options")),
        service_tier=body.get("service_tier"),
        end_user=body.get("safety_identifier") or body.get("user"),
        stream=bool(body.get("stream")),
        include_usage=bool(stream_options.get("include_usage")),
        include_obfuscation=bool(stream_options.get("include_obfuscation")),
        legacy_functions=legacy,
        provider_options=mapping(body.get("provider_options"), "provider_options"),
        dropped=(*dropped, *repeated),
    )


def _max_tokens(body: Json) -> int | None:
    new, old = body.get("max_completion_tokens"), body.get("max_tokens")
    if new is not None and old is not None and new != old:
        raise invalid_value("max_tokens", "it differs from 'max_completion_tokens'; give one of them.")
    limit: int | None = new if new is not None else old
    if limit is not None and limit < 1:
        name = "max_tokens" if new is None else "max_completion_tokens"
        raise RequestRefused(
            f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {limit} instead.",
            param=name,
            code="integer_below_min_value",
        )
    return limit


def _stop(stop: Any) -> tuple[str, ...]:
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)


def _response_format(value: Json | None) -> ResponseFormat | None:
    match value:
        case {"type": "json_object"}:
            return ResponseFormat(path="response_format")
        case {"type": "json_schema", "json_schema": spec}:
            return ResponseFormat(
                path="response_format",
                schema=spec.get("schema") or {"type": "object"},
                name=spec.get("name") or "",
                description=spec.get("description"),
                strict=spec.get("strict"),
            )
    return None


def _web_search(value: Json | None) -> WebSearch | None:
    if value is None:
        return None
    location = (value.get("user_location") or {}).get("approximate")
    return WebSearch(
        path="web_search_options", context_size=value.get("search_context_size"), location=location or None
    )
