"""A request of the Messages API → ChatRequest, for another vendor. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unigate_core.errors import unknown_parameter
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_content import BlockReader, Open
from unigate_formats.anthropic_messages.decode_messages import decode_messages
from unigate_formats.anthropic_messages.decode_options import read_options
from unigate_formats.anthropic_messages.decode_tools import read_tools
from unigate_formats.neutral.request import (
    ChatRequest,
    Turn,
)
from unigate_formats.neutral.typed import integer, number, strings

NAMES: Mapping[str, str] = {
    "max_completion_tokens": "max_tokens",
    "stop": "stop_sequences",
    "user": "metadata.user_id",
    "reasoning_effort": "thinking",
    "response_format": "output_config.format",
    "web_search_options": "tools",
}
"""Chat parameter → where the Messages API has it."""

_READ = frozenset(
    {
        "max_tokens", "messages", "metadata", "model", "output_config", "output_format", "service_tier",
        "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
    }
)  # fmt: skip
_TIERS = {"auto": "auto", "standard_only": "default"}


def decode_request(body: Json, open_token: Open, *, drop_unsupported: bool) -> ChatRequest:
    """Read a Messages request for another vendor; `open_token` opens the signatures of the gateway's own.

    What only Anthropic knows is dropped and reported, or refused. Raises RequestRefused.
    """
    dropped = [name for name in body if name not in _READ and body[name] is not None]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    box = read_tools(body.get("tools"), body.get("tool_choice"))
    reader = BlockReader(open_token, dropped)
    turns = (*_system(body.get("system"), reader), *decode_messages(body.get("messages"), reader))
    options = read_options(body, drop_unsupported=drop_unsupported)
    return ChatRequest(
        model=body["model"],
        turns=turns,
        tools=tuple(box.functions),
        builtin_tools=tuple(box.builtins),
        tool_choice=box.choice,
        parallel_tool_calls=box.parallel,
        max_tokens=integer(body.get("max_tokens"), "max_tokens"),
        temperature=number(body.get("temperature"), "temperature"),
        top_p=number(body.get("top_p"), "top_p"),
        top_k=integer(body.get("top_k"), "top_k"),
        stop=strings(body.get("stop_sequences"), "stop_sequences"),
        response_format=options.response_format,
        reasoning_effort=options.effort,
        reasoning_budget=options.budget,
        reasoning_summary=options.summary,
        web_search=box.web_search,
        service_tier=_TIERS.get(str(body.get("service_tier"))),
        end_user=options.end_user,
        stream=body.get("stream") is True,
        include_usage=True,
        names=NAMES,
        dropped=(*dropped, *options.dropped, *box.dropped),
        notes=tuple(reader.notes),
    )


def _system(system: Any, reader: BlockReader) -> Iterator[Turn]:
    parts = tuple(reader.content(system, "system"))
    if parts:
        yield Turn(role="system", parts=parts, path="system")
