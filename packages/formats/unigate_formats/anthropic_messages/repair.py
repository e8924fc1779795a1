"""Calls that follow a call: after a pause, and after a refusal that only concerns our own default.

https://docs.anthropic.com/en/api/handling-stop-reasons#pause-turn
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_reasoning import MIN_BUDGET, fitted_budget
from unigate_formats.anthropic_messages.replay import is_blank
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.events import Pause
from unigate_formats.neutral.translation import NativeCall

_OVER_WINDOW = re.compile(r"exceed context limit: (\d+) \+ \d+ > (\d+)")


def resume(call: NativeCall, pause: Pause) -> NativeCall:
    """Send the conversation again with the answer so far, verbatim, as its last turn; blank text is never taken."""
    state: RequestState = call.state
    messages = call.body["messages"]
    if state.rounds:
        messages = messages[:-1]
    answered = {"role": "assistant", "content": [block for block in pause.content if not is_blank(block)]}
    return replace(
        call,
        body=call.body | {"messages": [*messages, answered]},
        state=replace(state, prior=tuple(pause.content), rounds=state.rounds + 1),
    )


def repair(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """When prompt and max_tokens together exceed the window and max_tokens was our default: what the window leaves."""
    match = _OVER_WINDOW.search(error.message)
    state: RequestState = call.state
    if match is None or not state.default_limit:
        return None
    left = int(match[2]) - int(match[1])
    if left < 1:
        return None
    body = call.body | {"max_tokens": left}
    thinking: Json = body.get("thinking") or {}
    if thinking.get("type") == "enabled":
        if left <= MIN_BUDGET:
            return None
        body["thinking"] = thinking | {"budget_tokens": fitted_budget(thinking["budget_tokens"], left)}
    return replace(
        call,
        body=body,
        state=replace(state, default_limit=False),
        notes=(
            *(note for note in call.notes if not note.startswith("max_tokens_defaulted:")),
            f"max_tokens_defaulted:{left}",
        ),
    )
