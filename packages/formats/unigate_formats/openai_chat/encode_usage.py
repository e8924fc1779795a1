"""Usage → OpenAI's usage objects."""

from __future__ import annotations

from typing import Any

from unigate_formats.neutral.events import Usage


def chat_usage(usage: Usage) -> dict[str, Any]:
    """CompletionUsage of chat completions."""
    prompt = {
        "cached_tokens": usage.cache_read,
        "audio_tokens": usage.input_audio,
        "cache_write_tokens": usage.cache_write,
    }
    if usage.input_image:
        prompt["image_tokens"] = usage.input_image
    completion = {
        "reasoning_tokens": usage.reasoning,
        "audio_tokens": usage.output_audio,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    }
    if usage.output_image:
        completion["image_tokens"] = usage.output_image
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": total(usage),
        "prompt_tokens_details": prompt,
        "completion_tokens_details": completion,
    }


def total(usage: Usage) -> int:
    """The vendor's own total where it gives one."""
    return usage.total or usage.input + usage.output
