"""OpenAI's usage objects (chat, responses, images, transcription) → Usage."""

from __future__ import annotations

from unigate_core.counts import second_count, token_count
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


def read_usage(usage: Json) -> Usage:
    """Read any of OpenAI's spellings; what is absent counts 0."""
    input_tokens = _count(usage, "prompt_tokens", "input_tokens")
    output_tokens = _count(usage, "completion_tokens", "output_tokens")
    into = _details(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    out = _details(usage, "completion_tokens_details", "output_tokens_details", "output_token_details")
    return Usage(
        input=input_tokens,
        output=output_tokens,
        cache_read=_count(into, "cached_tokens"),
        cache_write=_count(into, "cache_write_tokens"),
        reasoning=_count(out, "reasoning_tokens"),
        input_audio=_count(into, "audio_tokens"),
        output_audio=_count(out, "audio_tokens"),
        input_image=_count(into, "image_tokens"),
        output_image=_count(out, "image_tokens"),
        total=_count(usage, "total_tokens") or input_tokens + output_tokens,
    )


def audio_seconds(usage: Json) -> float:
    """Seconds of audio where the vendor bills by duration, else 0."""
    return second_count(usage.get("seconds"))


def _count(values: Json, *names: str) -> int:
    for name in names:
        if name in values:
            return token_count(values[name])
    return 0


def _details(usage: Json, *names: str) -> Json:
    for name in names:
        value = usage.get(name)
        if isinstance(value, dict):
            return value
    return {}
