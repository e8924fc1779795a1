"""A request that Gemini refused for a hint which the model does not take → one without it.

No list says which model takes what; only the refusal's words show it. Log probabilities and the number of
candidates decide the answer, so they stay refused.

https://ai.google.dev/gemini-api/docs/thinking, https://ai.google.dev/gemini-api/docs/media-resolution
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from unigate_core.counts import members
from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.encode_reasoning import budget_note
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.output_limit import MAX_MESSAGE, limit_lowered
from unigate_formats.neutral.translation import NativeCall

_CONFIG: Final = "generationConfig"
_REFUSES: Final = re.compile(
    r"not (?:enabled|supported|allowed)|not support|invalid|out of range|supported range|only works|cannot|can\'t"
    r"|unknown name|must be|only set",
    re.IGNORECASE,
)
_HINTS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), name, parameter)
    for pattern, name, parameter in (
        (r"frequency[ _]?penalty|^(?!.*presence).*\bpenalty is", "frequencyPenalty", "frequency_penalty"),
        (r"presence[ _]?penalty|^(?!.*frequency).*\bpenalty is", "presencePenalty", "presence_penalty"),
        (r"\btemperature\b", "temperature", "temperature"),
        (r"\btop[ _]?p\b", "topP", "top_p"),
        (r"\btop[ _]?k\b", "topK", "top_k"),
        (r"\bseed\b", "seed", "seed"),
    )
)
_RESOLUTION: Final = re.compile(r"\bmedia[ _]?resolution\b", re.IGNORECASE)
_THINKING: Final = re.compile(r"thinking|\bbudget \d+ is invalid", re.IGNORECASE)
_LEVEL: Final = re.compile(r"thinking[ _]?level", re.IGNORECASE)
_BUDGET: Final = re.compile(r"budget|disabled", re.IGNORECASE)
_RANGE: Final = re.compile(r"(?:between|from) (\d{1,9}) (?:and|to) (\d{1,9})")

_lowered = limit_lowered(_CONFIG, "maxOutputTokens")


def relax(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call without the hints that the refusal names, or with the nearest value; None where it is about others."""
    lowered = _lowered(call, error)
    message = error.message[:MAX_MESSAGE]
    if lowered is not None or not _REFUSES.search(message):
        return lowered
    config: Json = dict(members(call.body.get(_CONFIG)))
    state: RequestState = call.state
    dropped: list[str] = []
    notes: list[str] = []
    for pattern, name, parameter in _HINTS:
        if name in config and pattern.search(message):
            del config[name]
            dropped.append(state.names.get(parameter, parameter))
    if "thinkingConfig" in config and _THINKING.search(message):
        thinking, fitted = _relaxed_thinking(config.pop("thinkingConfig"), message)
        config |= {"thinkingConfig": thinking} if thinking else {}
        notes += fitted
        dropped += [] if fitted else [state.names.get("reasoning_effort", "reasoning_effort")]
    contents = call.body["contents"]
    if _RESOLUTION.search(message):
        contents = _without_resolutions(contents)
        if config.pop("mediaResolution", None) or contents != call.body["contents"]:
            dropped += state.details or ("mediaResolution",)
    if not dropped and not notes:
        return None
    body = {**call.body, _CONFIG: config, "contents": contents}
    if not config:
        del body[_CONFIG]
    return replace(call, body=body, dropped=(*call.dropped, *dropped), notes=(*call.notes, *notes))


def _relaxed_thinking(config: Json, message: str) -> tuple[Json, list[str]]:
    """The thinkingConfig with a budget within the range that is named, or without what is refused of it; the notes."""
    budget, named = config.get("thinkingBudget"), _RANGE.search(message)
    if named and isinstance(budget, int):
        fitted = min(max(budget, int(named[1])), int(named[2]))
        if fitted != budget:
            return config | {"thinkingBudget": fitted}, [budget_note(budget, fitted)]
    if _LEVEL.search(message) and "thinkingLevel" in config:
        return {name: value for name, value in config.items() if name != "thinkingLevel"}, []
    if _BUDGET.search(message) and "thinkingBudget" in config:
        return {name: value for name, value in config.items() if name != "thinkingBudget"}, []
    return {}, []


def _without_resolutions(contents: list[Json]) -> list[Json]:
    """Contents whose parts leave it to the model how closely it looks."""
    return [
        content
        | {"parts": [{k: v for k, v in part.items() if k != "mediaResolution"} for part in content.get("parts", ())]}
        for content in contents
    ]
