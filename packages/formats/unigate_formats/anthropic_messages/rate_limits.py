"""Anthropic's rate limit headers → OpenAI's. https://docs.anthropic.com/en/api/rate-limits#response-headers"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


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
    return duration(seconds)


def duration(seconds: float) -> str:
    """A duration as OpenAI writes it: `1h2m3s`, `6m0s`, `1.5s`, `12ms`."""
    milliseconds = round(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
