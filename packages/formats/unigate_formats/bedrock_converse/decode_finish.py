"""Stop reason → finish reason. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_core.errors import UpstreamProtocol
from unigate_formats.neutral.events import UNKNOWN_FINISH_REASON, Event, Finish, FinishReason, Ignored

_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "stop",
    "malformed_tool_use": "stop",
}


def finish(stop_reason: object, *, calls: int) -> Iterator[Event]:
    """The last event of an answer; an unknown stop reason is a stop. Raises UpstreamProtocol when there is none."""
    if not isinstance(stop_reason, str) or not stop_reason:
        raise UpstreamProtocol("Bedrock's answer ended without a stop reason.")
    reason = _REASONS.get(stop_reason)
    if reason is None:
        yield Ignored(UNKNOWN_FINISH_REASON)
        reason = "stop"
    if reason == "tool_calls" and not calls:
        reason = "stop"
    yield Finish(reason)
