"""finishReason and promptFeedback → finish_reason. https://ai.google.dev/api/generate-content#FinishReason"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_core.errors import SERVER_ERROR, GatewayError, UpstreamError
from unigate_core.json import Json
from unigate_formats.neutral.events import UNKNOWN_FINISH_REASON, Event, Finish, FinishReason, Ignored, Refusal

REASONS: dict[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "CONTINUATION": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "ESCALATION": "content_filter",
    "PUP_LIMITED_DISABLED": "content_filter",
}
UNDECIDED = frozenset({"OTHER", "FINISH_REASON_UNSPECIFIED", "IMAGE_OTHER", "NO_IMAGE"})
"""Ends that say nothing: a stop when there is an answer, an error when there is none."""

FAILURES = {
    "MALFORMED_FUNCTION_CALL": "malformed_function_call",
    "MALFORMED_RESPONSE": "malformed_response",
    "UNEXPECTED_TOOL_CALL": "unexpected_tool_call",
    "TOO_MANY_TOOL_CALLS": "too_many_tool_calls",
    "MISSING_THOUGHT_SIGNATURE": "missing_thought_signature",
}


def finish_events(reason: str, message: str, *, content: bool, calls: bool, choice: int) -> Iterator[Event]:
    """How a candidate ends, given what it said. Raises UpstreamError when it is no answer at all."""
    if reason in FAILURES:
        raise _failed(message or f"Gemini could not finish its answer ({reason}).", FAILURES[reason])
    finish = REASONS.get(reason)
    known = finish is not None or reason in UNDECIDED
    if finish is None and not (content or calls):
        raise no_content(message or f"Gemini gave no answer ({reason}).")
    if not known:
        yield Ignored(UNKNOWN_FINISH_REASON)
    if finish == "content_filter" and not content:
        yield Refusal(message or f"Response withheld by the provider's filter ({reason}).", choice)
    if calls and finish in (None, "stop"):
        finish = "tool_calls"
    yield Finish(finish or "stop", choice)


def blocked_events(feedback: Json) -> Iterator[Refusal | Finish]:
    """A prompt that was not answered, as a choice that declines."""
    reason = feedback.get("blockReason", "OTHER")
    yield Refusal(feedback.get("blockReasonMessage") or f"The prompt was blocked by the provider's filter ({reason}).")
    yield Finish("content_filter")


def no_content(message: str) -> GatewayError:
    """The vendor answered 200 and nothing else."""
    return _failed(message, "upstream_no_content")


def _failed(message: str, code: str) -> GatewayError:
    return UpstreamError(message, status=502, type=SERVER_ERROR, code=code, retryable=True)
