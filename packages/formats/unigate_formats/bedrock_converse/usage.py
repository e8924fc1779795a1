"""Converse's token counts → Usage. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html"""

from __future__ import annotations

from unigate_core.counts import token_count
from unigate_core.json import Json
from unigate_formats.neutral.events import Usage


def to_usage(counts: Json) -> Usage:
    """Cache reads and writes stand beside `inputTokens`, OpenAI counts them in."""
    read = token_count(counts.get("cacheReadInputTokens"))
    written = token_count(counts.get("cacheWriteInputTokens"))
    prompt = token_count(counts.get("inputTokens")) + read + written
    completion = token_count(counts.get("outputTokens"))
    return Usage(input=prompt, output=completion, cache_read=read, cache_write=written, total=prompt + completion)
