"""What the events of speech and of transcripts have in common: errors, blocks, tokens and the end are read alike."""

from __future__ import annotations

from typing import NamedTuple

from unigate_core.counts import error_status, members
from unigate_core.errors import INVALID_REQUEST, GatewayError, UpstreamError, UpstreamTruncated
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_finish import REASONS
from unigate_formats.gemini_generate_content.errors import error_of
from unigate_formats.gemini_generate_content.usage import has_tokens, metadata_of, usage_of
from unigate_formats.neutral.events import Usage


class GenerateContentEvent(NamedTuple):
    """One native event. `usage` is None and `finish` empty when it has none."""

    parts: list[Json]
    usage: Usage | None
    finish: str


def read_event(native: Json, doing: str) -> GenerateContentEvent:
    """Read an event. `doing` completes "declined to … this". Raises GatewayError when it is an error or a block."""
    if "error" in native:
        error = members(native["error"])
        raise error_of(error, status=error_status(error.get("code"), 500))
    if (native.get("promptFeedback") or {}).get("blockReason"):
        raise declined(doing, native["promptFeedback"]["blockReason"])
    metadata = metadata_of(native)
    candidate = (native.get("candidates") or [{}])[0]
    return GenerateContentEvent(
        parts=(candidate.get("content") or {}).get("parts") or [],
        usage=usage_of(metadata) if has_tokens(metadata) else None,
        finish=candidate.get("finishReason") or "",
    )


def check_end(finish: str, doing: str, made: str) -> None:
    """The stream has ended. Raises GatewayError when it broke off or was filtered; `made` is the thing in words."""
    if not finish:
        raise UpstreamTruncated(f"Gemini's stream ended before its {made} was finished.")
    if REASONS.get(finish) == "content_filter":
        raise declined(doing, finish)


def declined(doing: str, reason: str) -> GatewayError:
    """The vendor's filter said no."""
    return UpstreamError(
        f"Gemini's safety system declined to {doing} this ({reason}).",
        status=400,
        type=INVALID_REQUEST,
        code="content_filter",
    )
