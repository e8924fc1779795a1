"""Durations as OpenAI writes them in `x-ratelimit-reset-*`."""

from __future__ import annotations


def format_duration(seconds: float) -> str:
    """`1h2m3s`, `6m0s`, `1.5s`, `12ms`; what is below zero is `0ms`."""
    milliseconds = max(0, round(seconds * 1000))
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
