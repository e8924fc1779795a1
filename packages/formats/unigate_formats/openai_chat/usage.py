"""OpenAI's usage objects (chat, responses, images, transcription) → Usage."""

from __future__ import annotations

from unigate_core.counts import second_count, token_count
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


def read_usage(usage: Json) -> Usage:
    """Read any of OpenAI's spellings; what is absent counts 0."""
    input_tokens = token_count(usage.get("prompt_tokens", usage.get("input_tokens")))
    output_tokens = token_count(usage.get("completion_tokens", usage.get("output_tokens")))
    into = _details(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    out = _details(usage, "completion_tokens_details", "output_tokens_details", "output_token_details")
    return Usage(
        input=input_tokens,
        output=output_tokens,
        cache_read=token_count(into.get("cached_tokens")),
        cache_write=token_count(into.get("cache_write_tokens")),
        reasoning=token_count(out.get("reasoning_tokens")),
        input_audio=token_count(into.get("audio_tokens")),
        output_audio=token_count(out.get("audio_tokens")),
        input_image=token_count(into.get("image_tokens")),
        output_image=token_count(out.get("image_tokens")),
        total=token_count(usage.get("total_tokens")) or input_tokens + output_tokens,
    )


def audio_seconds(usage: Json) -> float:
    """Seconds of audio where the vendor bills by duration, else 0."""
    return second_count(usage.get("seconds"))


def _details(usage: Json, *names: str) -> Json:
    for name in names:
        value = usage.get(name)
        if isinstance(value, dict):
            return value
    return {}
