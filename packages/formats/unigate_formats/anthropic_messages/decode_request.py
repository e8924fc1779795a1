"""A request of the Messages API → ChatRequest, for another vendor. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from unigate_core.errors import unknown_parameter
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_content import BlockReader, Open
from unigate_formats.anthropic_messages.decode_messages import decode_messages
from unigate_formats.anthropic_messages.decode_tools import read_tools
from unigate_formats.neutral.efforts import effort_of_budget
from unigate_formats.neutral.request import (
    ChatRequest,
    ResponseFormat,
    Turn,
)
from unigate_formats.neutral.typed import integer, mapping, number, string, strings

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
_EFFORTS = ("low", "medium", "high", "xhigh", "max")


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
    effort, budget, summary = _thinking(body)
    metadata = mapping(body.get("metadata"), "metadata")
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
        response_format=_format(body),
        reasoning_effort=effort,
        reasoning_budget=budget,
        reasoning_summary=summary,
        web_search=box.web_search,
        service_tier=_TIERS.get(str(body.get("service_tier"))),
        end_user=string(metadata.get("user_id"), "metadata.user_id"),
        stream=body.get("stream") is True,
        include_usage=True,
        names=NAMES,
        dropped=(*dropped, *box.dropped),
        notes=tuple(reader.notes),
    )


def _system(system: Any, reader: BlockReader) -> Iterator[Turn]:
    parts = tuple(reader.content(system, "system"))
    if parts:
        yield Turn(role="system", parts=parts, path="system")


def _thinking(body: Json) -> tuple[Any, int | None, bool | None]:
    """Effort, budget in tokens, and whether thoughts are to be shown."""
    config = body.get("output_config")
    asked = config.get("effort") if isinstance(config, dict) else None
    effort = asked if asked in _EFFORTS else None
    match body.get("thinking"):
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return effort or effort_of_budget(budget), budget, True
        case {"type": "adaptive" | "enabled"}:
            return effort, None, True
        case {"type": "disabled"}:
            return "none", None, None
    return effort, None, None


def _format(body: Json) -> ResponseFormat | None:
    config = body.get("output_config")
    form = (config.get("format") if isinstance(config, dict) else None) or body.get("output_format")
    match form:
        case {"type": "json_schema", "schema": dict(schema)}:
            return ResponseFormat(path="output_config.format", schema=schema, name="output", strict=True)
    return None
