"""Anthropic's rate limit headers → OpenAI's. https://docs.anthropic.com/en/api/rate-limits#response-headers"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from unigate_core.durations import format_duration


def to_openai(headers: Mapping[str, str]) -> dict[str, str]:
    """The limits of requests and tokens; a reset time becomes the time until it, as `6m0s` or `12ms`."""
    limits: dict[str, str] = {}
    for bucket in ("requests", "tokens"):
        for kind in ("limit", "remaining", "reset"):
            value = headers.get(f"anthropic-ratelimit-{bucket}-{kind}")
            if value and kind == "reset":
                value = _until(value, headers.get("date"))
            if value:
                limits[f"x-ratelimit-{kind}-{bucket}"] = value
    return limits


def _until(reset: str, date: str | None) -> str | None:
    try:
        end = datetime.fromisoformat(reset)
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        seconds = max(0.0, (end - now).total_seconds())
    except (ValueError, TypeError):
        return None
    return format_duration(seconds)
