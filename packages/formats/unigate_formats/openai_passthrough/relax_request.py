"""A request that OpenAI, or who speaks its format, refused for its model → one without what was refused.

Models with reasoning take no sampling parameters and no `max_tokens`, others no effort; a limit may be above the
model's own. The refusal names the parameter, so no table of models is needed. What decides the answer's form, such as
`logprobs` or `n`, stays refused.

https://platform.openai.com/docs/guides/reasoning
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from unigate_core.counts import members
from unigate_core.errors import INVALID_STATUSES, GatewayError
from unigate_core.json import Json, loads_object, with_members
from unigate_formats.neutral.efforts import EFFORTS, nearest_effort
from unigate_formats.neutral.output_limit import MAX_MESSAGE, limit_note, named_limit
from unigate_formats.neutral.translation import NativeCall
from unigate_formats.openai_passthrough.relax_content import relaxed_content
from unigate_formats.openai_passthrough.relax_format import relaxed_format
from unigate_formats.openai_passthrough.relax_history import reshaped
from unigate_formats.openai_passthrough.relaxed import Relaxed, listed_values
from unigate_formats.openai_passthrough.unknown_members import LIMIT_RENAMED, without_unknown

_LIMITS: Final = ("max_completion_tokens", "max_tokens", "max_output_tokens")
_EFFORTS: Final = frozenset({"reasoning_effort", "reasoning.effort"})
_DROPPABLE: Final = _EFFORTS | {
    "frequency_penalty", "logit_bias", "metadata", "parallel_tool_calls", "prediction", "presence_penalty",
    "prompt_cache_key", "prompt_cache_retention", "reasoning.summary", "safety_identifier", "seed", "service_tier",
    "store", "temperature", "text.verbosity", "top_k", "top_p", "user", "verbosity",
}  # fmt: skip
_CODES: Final = frozenset({"unsupported_parameter", "unsupported_value"})
_NAMED: Final = re.compile(r"Unsupported (?:parameter|value): '([a-z_.]+)'")
_DEFAULT: Final = re.compile(r"[Oo]nly the default \(([^)]{1,50})\) value is supported")


def relaxed_body(body: bytes, errors: Sequence[GatewayError]) -> tuple[bytes, Relaxed] | None:
    """The body without what these refusals name; None where nothing is known that would help."""
    try:
        given = loads_object(body)
    except ValueError:
        return None
    changes: dict[str, Any] = {}
    dropped: list[str] = []
    notes: list[str] = []
    stops: tuple[str, ...] = ()
    for error in errors:
        if relaxed := relaxed_members(given | changes, error):
            changes |= relaxed.changes
            dropped += relaxed.dropped
            notes += relaxed.notes
            stops = stops or relaxed.stops
    if not changes:
        return None
    return with_members(body, changes), Relaxed(changes, tuple(dropped), tuple(notes), stops)


def relaxed_call(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The same for a chat that came in another format."""
    relaxed = relaxed_members(call.body, error)
    if relaxed is None:
        return None
    body = {name: value for name, value in {**call.body, **relaxed.changes}.items() if value is not None}
    dropped, notes = (*call.dropped, *relaxed.dropped), (*call.notes, *relaxed.notes)
    return replace(call, body=body, dropped=dropped, notes=notes, stops=call.stops or relaxed.stops)


def relaxed_members(body: Json, error: GatewayError) -> Relaxed | None:
    """What to change of a request after its refusal; None where nothing is known that would help."""
    if error.status not in INVALID_STATUSES:
        return None
    limit = named_limit(error.message)
    if limit is not None:
        return _lowered(body, limit)
    name = _refused(error)
    if name == "max_tokens" and "max_completion_tokens" in error.message and "max_tokens" in body:
        renamed = {"max_tokens": None, "max_completion_tokens": body["max_tokens"]}
        return Relaxed(renamed, notes=(LIMIT_RENAMED,))
    if name not in _DROPPABLE:
        message = error.message[:MAX_MESSAGE]
        return (
            relaxed_format(body, message)
            or relaxed_content(body, error)
            or reshaped(body, message)
            or without_unknown(body, message)
        )
    outer, _, inner = name.partition(".")
    holder = members(body.get(outer)) if inner else body
    value = holder.get(inner or outer)
    listed = listed_values(error.message[:MAX_MESSAGE])
    if value is None or value in listed or str(value) == _default(error.message):
        # it is not there, or not the value that was refused
        return None
    efforts = [each for each in listed if each in EFFORTS] if name in _EFFORTS and value in EFFORTS else []
    effort = nearest_effort(value, efforts) if efforts else None
    changed: Any = effort
    if inner:
        others = {key: each for key, each in holder.items() if key != inner}
        changed = others | ({inner: effort} if effort else {}) or None
    return Relaxed(
        {outer: changed},
        dropped=() if effort else (name,),
        notes=(f"effort:{value}->{effort}",) if effort else (),
    )


def _lowered(body: Json, limit: int) -> Relaxed | None:
    for name in _LIMITS:
        asked = body.get(name)
        if isinstance(asked, int) and asked > limit:
            return Relaxed({name: limit}, notes=(limit_note(asked, limit),))
    return None


def _refused(error: GatewayError) -> str:
    """The parameter that the refusal is about, empty for another refusal."""
    if error.code not in _CODES:
        return ""
    match = _NAMED.match(error.message)
    return error.param or (match[1] if match else "")


def _default(message: str) -> str:
    """The one value that the refusal names as supported, empty where it names none."""
    match = _DEFAULT.search(message[:MAX_MESSAGE])
    return match[1] if match else ""
