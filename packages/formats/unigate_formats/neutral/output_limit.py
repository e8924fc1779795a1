"""A limit of output tokens above what the model can make: the vendor refuses it and names its own, which is taken."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.translation import NativeCall

MAX_MESSAGE: Final = 1000
"""Only this many characters of an error message are searched; vendors' messages have no length limit."""

_REFUSALS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), beyond)
    for pattern, beyond in (
        # Anthropic; Bedrock's Converse; OpenAI; DeepSeek; Groq
        (r"max_tokens: \d+ > (\d+), which is the maximum allowed number of output tokens", 0),
        (r"maximum tokens you requested exceeds? the model limit of (\d+)", 0),
        (r"max_\w*tokens is too large: \d+\. This model supports at most (\d+) completion tokens", 0),
        (r"valid range of max_tokens is \[\d+, ?(\d+)\]", 0),
        (r"max_\w*tokens\W+must be less than or equal to \W?(\d+)", 0),
        (r"max_\w*tokens\b.{0,99}integer above maximum value.{0,99}expected a value <= (\d+)", 0),
        # Google names the first number that is too large
        (r"maxOutputTokens value of \d+ but the supported range is from \d+ \(inclusive\) to (\d+) \(exclusive\)", 1),
    )
)


def named_limit(message: str) -> int | None:
    """The most output tokens that a refusal names; None where it is about something else."""
    for pattern, beyond in _REFUSALS:
        if match := pattern.search(message[:MAX_MESSAGE]):
            limit = int(match[1][:18]) - beyond
            return limit if limit > 0 else None
    return None


def limit_lowered(*path: str) -> Callable[[NativeCall, GatewayError], NativeCall | None]:
    """Return a function that lowers the output limit at `path` to the maximum that a refusal names, with a note.

    It returns None if the error is about something else.
    """
    *above, name = path

    def lowered(call: NativeCall, error: GatewayError) -> NativeCall | None:
        limit, holder = named_limit(error.message), call.body
        for key in above:
            holder = holder.get(key) or {}
        asked = holder.get(name)
        if limit is None or not isinstance(asked, int) or asked <= limit:
            return None
        changed: Json = holder | {name: limit}
        for key in reversed(above):
            changed = {key: changed}
        return replace(call, body=call.body | changed, notes=(*call.notes, limit_note(asked, limit)))

    return lowered


def limit_note(asked: int, limit: int) -> str:
    """The note about it."""
    return f"max_tokens:{asked}->{limit}"
