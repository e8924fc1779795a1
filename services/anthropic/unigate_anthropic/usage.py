"""Anthropic's token counts → Usage. https://docs.anthropic.com/en/api/messages#response-usage"""

from __future__ import annotations

from unigate_common.codec import Json
from unigate_common.events import Usage


def merged(so_far: Json, later: Json | None) -> Json:
    """Counts are cumulative: those of a later event replace, and what it leaves out stays."""
    return so_far | {key: value for key, value in (later or {}).items() if value is not None}


def to_usage(counts: Json) -> Usage:
    """Cache reads and writes stand beside `input_tokens`, OpenAI counts them in. Thinking is within the output."""
    read = counts.get("cache_read_input_tokens") or 0
    written = counts.get("cache_creation_input_tokens") or 0
    prompt = (counts.get("input_tokens") or 0) + read + written
    completion = counts.get("output_tokens") or 0
    thinking = (counts.get("output_tokens_details") or {}).get("thinking_tokens") or 0
    return Usage(
        input=prompt,
        output=completion,
        cache_read=read,
        cache_write=written,
        reasoning=thinking,
        total=prompt + completion,
    )
