"""A hint that a model of Converse refuses is left out."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_formats.bedrock_converse.relax import relax
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.neutral.translation import NativeCall

FIELDS: dict[str, Any] = {"inferenceConfig": {"topK": 3}, "reasoningConfig": {"type": "enabled"}}
BODY: dict[str, Any] = {
    "messages": [],
    "inferenceConfig": {"temperature": 0.5, "topP": 0.9},
    "additionalModelRequestFields": FIELDS,
    "serviceTier": {"type": "flex"},
}


@pytest.mark.parametrize(
    ("message", "changed", "dropped"),
    [
        (
            "This model doesn't support the topP field. Remove topP and try again.",
            {"inferenceConfig": {"temperature": 0.5}}, "top_p",
        ),
        (
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
            {"inferenceConfig": {"temperature": 0.5}}, "top_p",
        ),
        (
            "This model doesn't support the temperature field. Remove temperature and try again.",
            {"inferenceConfig": {"topP": 0.9}}, "temperature",
        ),
        (
            "Malformed input request: extraneous key [reasoningConfig] is not permitted",
            {"additionalModelRequestFields": {"inferenceConfig": {"topK": 3}}}, "reasoning_effort",
        ),
        (
            "The model does not support topK.",
            {"additionalModelRequestFields": {"reasoningConfig": {"type": "enabled"}}}, "top_k",
        ),
    ],
)  # fmt: skip
def test_a_refused_hint_is_left_out(message: str, changed: dict[str, Any], dropped: str) -> None:
    call = relax(NativeCall("p", BODY, state=RequestState()), UpstreamError(message, status=400, type="x"))
    assert call is not None
    assert call.body == BODY | changed
    assert call.dropped == (dropped,)


def test_the_object_that_held_the_hint_alone_goes_too() -> None:
    error = UpstreamError("The provided service tier is not supported for this model.", status=400, type="x")
    call = relax(NativeCall("p", BODY, state=RequestState()), error)
    assert call is not None
    assert "serviceTier" not in call.body
    error = UpstreamError("`temperature` is deprecated for this model.", status=400, type="x")
    call = relax(NativeCall("p", {"inferenceConfig": {"temperature": 1}}, state=RequestState()), error)
    assert call is not None
    assert call.body == {}


def test_refused_stop_sequences_are_minded_by_the_gateway() -> None:
    native = NativeCall("p", {"inferenceConfig": {"stopSequences": ["x"]}}, state=RequestState())
    message = "This model doesn't support the stopSequences field. Remove stopSequences and try again."
    call = relax(native, UpstreamError(message, status=400, type="x"))
    assert call is not None
    assert (call.body, call.stops, call.dropped, call.notes) == ({}, ("x",), (), ("stop_emulated",))


def test_any_other_refusal_stays() -> None:
    error = UpstreamError("This model does not support images.", status=400, type="x")
    assert relax(NativeCall("p", BODY, state=RequestState()), error) is None
