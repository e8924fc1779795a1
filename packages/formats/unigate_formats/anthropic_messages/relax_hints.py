"""A Messages request that a model refused for a hint → one without it, or with the nearest value.

https://docs.anthropic.com/en/docs/build-with-claude/effort
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from unigate_core.counts import members
from unigate_core.errors import GatewayError
from unigate_formats.anthropic_messages.efforts import EFFORTS
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.efforts import effort_of_budget, nearest_effort
from unigate_formats.neutral.output_limit import MAX_MESSAGE
from unigate_formats.neutral.refused_hints import hint, refused_hint, without_hint
from unigate_formats.neutral.translation import NativeCall

_EFFORT: Final = hint(r"\beffort\b(?!\W{0,3}instead)", "output_config.effort", "reasoning_effort")
_THINKING: Final = hint(r"thinking", "thinking", "reasoning_effort")
_HINTS: Final = (
    hint(r"\btop_p\b", "top_p", "top_p"),
    hint(r"\btop_k\b", "top_k", "top_k"),
    hint(r"\btemperature\b", "temperature", "temperature"),
    _THINKING,
    _EFFORT,
)
_LISTED: Final = re.compile(r"(?:supported (?:levels|values)|should be|one of)(.*)", re.IGNORECASE | re.DOTALL)
_LEVEL: Final = re.compile(r"\b(low|medium|high|xhigh|max)\b")
_ADAPTIVE: Final = re.compile(r"use\b.{0,40}adaptive", re.IGNORECASE)


def relaxed_hint(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call without the hint that the refusal names; None where it is about something else."""
    refused = refused_hint(call, error, _HINTS)
    state: RequestState = call.state
    message = error.message[:MAX_MESSAGE]
    if refused is None:
        return None
    if refused is _THINKING and _ADAPTIVE.search(message):
        return _adaptive(call)
    listed = _LISTED.search(message)
    levels = _LEVEL.findall(listed[1]) if listed and refused is _EFFORT else []
    if levels:
        return _nearest(call, levels)
    return without_hint(call, refused, state.names)


def _adaptive(call: NativeCall) -> NativeCall | None:
    """Newer models take no budget of tokens: the effort says as much."""
    thinking = call.body["thinking"]
    if thinking.get("type") != "enabled":
        return None
    effort = nearest_effort(effort_of_budget(thinking.get("budget_tokens") or 0), EFFORTS)
    changed = {name: value for name, value in thinking.items() if name != "budget_tokens"} | {"type": "adaptive"}
    config = {"effort": effort} | members(call.body.get("output_config"))
    return replace(call, body=call.body | {"thinking": changed, "output_config": config})


def _nearest(call: NativeCall, levels: list[str]) -> NativeCall | None:
    config = call.body["output_config"]
    asked = config["effort"]
    if asked in levels:
        return None
    effort = nearest_effort(asked, levels)
    body = call.body | {"output_config": config | {"effort": effort}}
    return replace(call, body=body, notes=(*call.notes, f"effort:{asked}->{effort}"))
