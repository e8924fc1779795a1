"""How an answer ends: stop reason → finish reason, a pause, or what must be kept for the next turn.

https://docs.anthropic.com/en/api/handling-stop-reasons
"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_blocks import Blocks
from unigate_formats.anthropic_messages.replay import to_blob
from unigate_formats.anthropic_messages.request_state import THINKING, RequestState
from unigate_formats.neutral.events import (
    UNKNOWN_FINISH_REASON,
    Event,
    Finish,
    FinishReason,
    Ignored,
    Pause,
    Refusal,
    ReplayBlob,
)

_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",
    "compaction": "length",
    "refusal": "content_filter",
}


def finish(stop_reason: str | None, details: Json | None, blocks: Blocks, state: RequestState) -> Iterator[Event]:
    """The last events of an answer; an unknown stop reason is a stop. Raises UpstreamProtocol when there is none."""
    if not isinstance(stop_reason, str) or not stop_reason:
        raise UpstreamProtocol("Anthropic's answer ended without a stop reason.")
    reason = _REASONS.get(stop_reason)
    if reason is None:
        yield Ignored(UNKNOWN_FINISH_REASON)
        reason = "stop"
    if stop_reason == "pause_turn" and state.server_tools and blocks.returnable:
        yield Pause(content=blocks.done)
        return
    if stop_reason == "refusal":
        yield Refusal((details or {}).get("explanation") or "The provider declined to answer.")
    if reason == "tool_calls" and not blocks.calls:
        reason = "stop"
    yield from _replay_blobs(blocks)
    yield Finish(reason)


def _replay_blobs(blocks: Blocks) -> Iterator[ReplayBlob]:
    if not blocks.returnable or not any(_must_return(block["type"]) for block in blocks.done):
        return
    blob = to_blob(blocks.done)
    for block in blocks.done:
        if block["type"] == "tool_use":
            yield ReplayBlob(call_id=block["id"], blob=blob)


def _must_return(kind: str) -> bool:
    return kind in THINKING or kind == "server_tool_use" or kind.endswith("_tool_result")
