"""Calls that follow a call: after a pause, and after a refusal of the limit of output tokens.

https://docs.anthropic.com/en/api/handling-stop-reasons#pause-turn
"""

from __future__ import annotations

import copy
import re

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_reasoning import MIN_BUDGET, fitted_budget
from unigate_formats.anthropic_messages.relax import drop_extra, names_extra
from unigate_formats.anthropic_messages.relax_hints import relaxed_hint
from unigate_formats.anthropic_messages.replay import is_blank
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.events import Pause
from unigate_formats.neutral.output_limit import limit_note, named_limit
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
    body = _body_within(call, left)
    if body is None:
        return None
    return replace(
        call,
        body=body,
        state=replace(state, default_limit=False),
        notes=(
            *(note for note in call.notes if not note.startswith("max_tokens_defaulted:")),
            f"max_tokens_defaulted:{left}",
        ),
    )


def relax(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """As many output tokens as the model can make, or the window leaves, with a thinking budget that fits into them.

    Or without a hint that the model does not take, or a member that a cloud does not know yet.
    """
    limit, asked = named_limit(error.message), call.body["max_tokens"]
    if match := _OVER_WINDOW.search(error.message):
        limit = int(match[2]) - int(match[1])
    body = _body_within(call, limit) if limit is not None and asked > limit else None
    if limit is not None and body is not None:
        return replace(call, body=body, notes=(*call.notes, limit_note(asked, limit)))
    if not names_extra(error.message):
        return relaxed_hint(call, error)
    left = copy.deepcopy(call.body)
    dropped = drop_extra(left, error.message)
    return replace(call, body=left, dropped=(*call.dropped, *dropped)) if dropped else None


def _body_within(call: NativeCall, limit: int) -> Json | None:
    """The body with another limit of tokens; None where that leaves nothing, or no room for the thinking asked for."""
    if limit < 1:
        return None
    body = call.body | {"max_tokens": limit}
    thinking: Json = body.get("thinking") or {}
    if thinking.get("type") == "enabled":
        if limit <= MIN_BUDGET:
            return None
        body["thinking"] = thinking | {"budget_tokens": fitted_budget(thinking["budget_tokens"], limit)}
    return body
