"""Counts of keys by day → the buckets of OpenAI's usage and costs reports.

https://platform.openai.com/docs/api-reference/usage
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final

import msgspec

from unigate_edge.cost.calculator import NANO
from unigate_edge.cost.usage import COMPLETIONS, COUNTS, Counts, add_to

COSTS: Final = "costs"

Row = Mapping[str, int]
"""Counts by the names of COUNTS."""

FIGURES: Final[Mapping[str, Callable[[Row], dict[str, Any]]]] = MappingProxyType(
    {
        COMPLETIONS: lambda row: {
            "input_tokens": row["input_tokens"],
            "input_cached_tokens": row["cache_read_tokens"],
            "input_cache_write_tokens": row["cache_write_tokens"],
            "input_uncached_tokens": max(0, row["input_tokens"] - row["cache_read_tokens"]),
            "output_tokens": row["output_tokens"],
            "input_audio_tokens": row["input_audio_tokens"],
            "output_audio_tokens": row["output_audio_tokens"],
        },
        "embeddings": lambda row: {"input_tokens": row["input_tokens"]},
        "moderations": lambda row: {"input_tokens": row["input_tokens"]},
        "images": lambda row: {"images": row["units"]},
        "audio_speeches": lambda row: {"characters": row["units"]},
        "audio_transcriptions": lambda row: {"seconds": row["units"]},
    }
)
"""What a report of each kind holds beside the number of requests."""
UNKNOWN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        COMPLETIONS: ("project_id", "user_id", "batch", "service_tier"),
        "images": ("project_id", "user_id", "source", "size"),
        COSTS: ("project_id",),
    }
)
"""Members by which this gateway does not group usage: always null."""
UNKNOWN_ELSEWHERE: Final = ("project_id", "user_id")


class Selection(msgspec.Struct, frozen=True):
    """Which counts a report is about, and what it is grouped by. Empty: all."""

    kind: str
    group_by: frozenset[str] = msgspec.field(default_factory=frozenset)
    keys: frozenset[str] = msgspec.field(default_factory=frozenset)
    models: frozenset[str] = msgspec.field(default_factory=frozenset)


def bucket(day: date, used: Mapping[str, Counts], selection: Selection) -> dict[str, Any]:
    """The report of one day in UTC; `used`: the counts by the key's name."""
    costs = selection.kind == COSTS
    groups: dict[tuple[str | None, str | None], list[int]] = {}
    for key, model, numbers in _selected(used, selection):
        group = (
            key if "api_key_id" in selection.group_by else None,
            model if selection.group_by & {"model", "line_item"} else None,
        )
        add_to(groups.setdefault(group, [0] * len(COUNTS)), numbers)
    results = [
        (_cost if costs else _usage)(selection.kind, key, model, dict(zip(COUNTS, total, strict=True)))
        for (key, model), total in sorted(groups.items(), key=lambda item: [part or "" for part in item[0]])
    ]
    return {"object": "bucket", "start_time": seconds(day), "end_time": seconds(day + DAY), "results": results}


def seconds(day: date) -> int:
    """The beginning of a day in UTC, in seconds since the epoch."""
    return int(datetime.combine(day, time(), UTC).timestamp())


DAY: Final = timedelta(days=1)


def days_between(start: int, end: int) -> range:
    """The days in UTC of which some part lies between two times, in seconds since the epoch. `end` is not included.

    Days are ordinals of `date`: the times are a client's, and as dates there could be millions of them.
    """
    if end <= start:
        return range(0)
    first = datetime.fromtimestamp(start, UTC).toordinal()
    last = datetime.fromtimestamp(end - 1, UTC).toordinal()
    return range(first, last + 1)


def _selected(used: Mapping[str, Counts], selection: Selection) -> Iterator[tuple[str, str, list[int]]]:
    for key, counts in used.items():
        if selection.keys and key not in selection.keys:
            continue
        for (kind, model), numbers in counts.items():
            if selection.models and model not in selection.models:
                continue
            if selection.kind in (COSTS, kind):
                yield key, model, numbers


def _usage(kind: str, key: str | None, model: str | None, row: Row) -> dict[str, Any]:
    return {
        "object": f"organization.usage.{kind}.result",
        **FIGURES[kind](row),
        "num_model_requests": row["requests"],
        **dict.fromkeys(UNKNOWN.get(kind, UNKNOWN_ELSEWHERE)),
        "api_key_id": key,
        "model": model,
    }


def _cost(kind: str, key: str | None, model: str | None, row: Row) -> dict[str, Any]:
    return {
        "object": f"organization.{kind}.result",
        "amount": {"value": row["cost_nano_usd"] / NANO, "currency": "usd"},
        **dict.fromkeys(UNKNOWN[COSTS]),
        "api_key_id": key,
        "line_item": model,
    }
