"""A request that a model at Bedrock refused for its limit of tokens or for a hint → one that it takes.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from unigate_core.errors import GatewayError
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.neutral.output_limit import limit_lowered
from unigate_formats.neutral.refused_hints import hint, refused_hint, without_hint
from unigate_formats.neutral.stop_sequences import NOTE as STOP_EMULATED
from unigate_formats.neutral.translation import NativeCall

_FIELDS: Final = "additionalModelRequestFields"
_THINKING: Final = r"thinking|reasoning|\beffort\b"
_TOP_K: Final = r"\btop_?k\b"
_STOP: Final = hint(r"\bstop ?sequences?\b", "inferenceConfig.stopSequences", "stop")
_HINTS: Final = (
    _STOP,
    hint(r"\btop_?p\b", "inferenceConfig.topP", "top_p"),
    hint(_TOP_K, f"{_FIELDS}.top_k", "top_k"),
    hint(_TOP_K, f"{_FIELDS}.inferenceConfig.topK", "top_k"),
    hint(r"\btemperature\b", "inferenceConfig.temperature", "temperature"),
    hint(_THINKING, f"{_FIELDS}.thinking", "reasoning_effort"),
    hint(_THINKING, f"{_FIELDS}.reasoningConfig", "reasoning_effort"),
    hint(_THINKING, f"{_FIELDS}.reasoning_effort", "reasoning_effort"),
    hint(r"service ?tier", "serviceTier", "service_tier"),
)

_lowered = limit_lowered("inferenceConfig", "maxTokens")


def relax(call: NativeCall, error: GatewayError) -> NativeCall | None:
    """The call with the limit of tokens that the refusal names, or without the hint; None where it is about others.

    The gateway then ends the answer at stop sequences.
    """
    lowered = _lowered(call, error)
    refused = refused_hint(call, error, _HINTS) if lowered is None else None
    state: RequestState = call.state
    if refused is None:
        return lowered
    left = without_hint(call, refused, state.names)
    if refused is not _STOP:
        return left
    stops = tuple(call.body["inferenceConfig"]["stopSequences"])
    return replace(left, dropped=call.dropped, stops=stops, notes=(*call.notes, STOP_EMULATED))
