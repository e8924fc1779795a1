"""Anthropic's token counts → Usage. https://docs.anthropic.com/en/api/messages#response-usage"""

from __future__ import annotations

from unigate_core.counts import members, token_count
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


def merged(so_far: Json, later: object) -> Json:
    """Counts are cumulative: those of a later event replace, and what it leaves out stays."""
    return so_far | {key: value for key, value in members(later).items() if value is not None}


def to_usage(counts: Json) -> Usage:
    """Cache reads and writes stand beside `input_tokens`, OpenAI counts them in. Thinking is within the output."""
    read = token_count(counts.get("cache_read_input_tokens"))
    written = token_count(counts.get("cache_creation_input_tokens"))
    prompt = token_count(counts.get("input_tokens")) + read + written
    completion = token_count(counts.get("output_tokens"))
    thinking = token_count(members(counts.get("output_tokens_details")).get("thinking_tokens"))
    return Usage(
        input=prompt,
        output=completion,
        cache_read=read,
        cache_write=written,
        reasoning=thinking,
        total=prompt + completion,
    )
