"""`thinking`, `output_config` and `metadata` of a Messages request. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.errors import invalid_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.efforts import EFFORTS
from unigate_formats.neutral.efforts import effort_of_budget
from unigate_formats.neutral.extensions import drop_members
from unigate_formats.neutral.request import ResponseFormat
from unigate_formats.neutral.typed import mapping, string

_THINKING = {
    "adaptive": frozenset({"display", "type"}),
    "disabled": frozenset({"display", "type"}),
    "enabled": frozenset({"budget_tokens", "display", "type"}),
}
"""The members of `thinking` that are read, by its type."""


class Options(msgspec.Struct, frozen=True):
    """Effort, budget in tokens, whether thoughts are to be shown, the answer's form, and what no vendor is told."""

    effort: Any = None
    budget: int | None = None
    summary: bool | None = None
    response_format: ResponseFormat | None = None
    end_user: str | None = None
    dropped: tuple[str, ...] = ()


def read_options(body: Json, *, drop_unsupported: bool) -> Options:
    """Read the options that are objects. Raises RequestRefused."""
    config = mapping(body.get("output_config"), "output_config")
    metadata = mapping(body.get("metadata"), "metadata")
    given = mapping(body.get("thinking"), "thinking")
    asked = config.get("effort") if config.get("effort") in EFFORTS else None
    effort, budget, summary = _thinking(given, asked)
    read = {"effort", "format"} if asked else {"format"}
    dropped = [
        path
        for holder, known, name in (
            (config, frozenset(read), "output_config"),
            (metadata, frozenset({"user_id"}), "metadata"),
            (given, _read_of(given), "thinking"),
        )
        for path in drop_members(holder, known, name, drop_unsupported=drop_unsupported)
    ]
    return Options(
        effort=effort,
        budget=budget,
        summary=summary,
        response_format=_format(config, body),
        end_user=string(metadata.get("user_id"), "metadata.user_id"),
        dropped=tuple(dropped),
    )


def _thinking(given: Json, effort: Any) -> tuple[Any, int | None, bool | None]:
    match given:
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return effort or effort_of_budget(budget), budget, True
        case {"type": "adaptive" | "enabled"}:
            return effort, None, True
        case {"type": "disabled"}:
            return "none", None, None
    return effort, None, None


def _read_of(thinking: Json) -> frozenset[str]:
    """The members of `thinking` that are honoured: thoughts can be shown, not left out."""
    known = _THINKING.get(str(thinking.get("type")), frozenset[str]())
    return known if thinking.get("display") in (None, "summarized") else known - {"display"}


def _format(config: Json, body: Json) -> ResponseFormat | None:
    path = "output_config.format" if config.get("format") else "output_format"
    match config.get("format") or body.get("output_format"):
        case None:
            return None
        case {"type": "json_schema", "schema": dict(schema)}:
            return ResponseFormat(path="output_config.format", schema=schema, name="output", strict=True)
    raise invalid_value(path, "it must be a json_schema with its schema.")
