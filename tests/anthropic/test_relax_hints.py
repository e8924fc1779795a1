"""A hint that Claude refuses is left out, or becomes the nearest that it takes."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_formats.anthropic_messages.repair import relax
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.neutral.translation import NativeCall

BODY: dict[str, Any] = {
    "max_tokens": 9000, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "output_config": {"effort": "max"},
    "thinking": {"type": "enabled", "budget_tokens": 8192, "display": "summarized"},
}  # fmt: skip


def relaxed(message: str, **more: Any) -> NativeCall | None:
    body = {name: value for name, value in {**BODY, **more}.items() if value is not None}
    call = NativeCall("messages", body, state=RequestState(names={"top_p": "topP"}))
    return relax(call, UpstreamError(message, status=400, type="invalid_request_error"))


@pytest.mark.parametrize(
    ("message", "member", "dropped"),
    [
        ("`temperature` is deprecated for this model.", "temperature", "temperature"),
        ("`top_p` is deprecated for this model.", "top_p", "topP"),
        ("`top_k` is not supported by this model.", "top_k", "top_k"),
        ("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "top_p", "topP"),
        ("`temperature` may only be set to 1 when thinking is enabled.", "temperature", "temperature"),
        ("`top_k` must be unset when thinking is enabled.", "top_k", "top_k"),
        ("This model does not support effort.", "output_config", "reasoning_effort"),
        ("thinking is not supported by this model", "thinking", "reasoning_effort"),
    ],
)
def test_a_refused_hint_is_left_out(message: str, member: str, dropped: str) -> None:
    call = relaxed(message)
    assert call is not None
    assert call.body == {name: value for name, value in BODY.items() if name != member}
    assert call.dropped == (dropped,)


def test_the_nearest_effort_is_sent() -> None:
    message = "This model does not support effort level 'max'. Supported levels: high, medium, low."
    call = relaxed(message)
    assert call is not None
    assert (call.body["output_config"], call.notes) == ({"effort": "high"}, ("effort:max->high",))
    assert relaxed(message, output_config={"effort": "low"}) is None


def test_a_budget_becomes_adaptive_thinking() -> None:
    message = (
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
        '"output_config.effort" to control thinking behavior.'
    )
    call = relaxed(message, output_config=None)
    assert call is not None
    assert call.body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert call.body["output_config"] == {"effort": "medium"}


@pytest.mark.parametrize(
    ("message", "left_out"),
    [
        ("`temperature` and `top_p` cannot both be specified for this model.", {"temperature": None}),
        ("`temperature` may only be set to 1 when thinking is enabled.", {"thinking": None}),
        ("`max_tokens` must be greater than `thinking.budget_tokens`.", {}),
        ("Thinking may not be enabled when tool_choice forces tool use.", {}),
        ("`top_p` is deprecated for this model.", {"top_p": None}),
    ],
)
def test_any_other_refusal_stays(message: str, left_out: dict[str, Any]) -> None:
    assert relaxed(message, **left_out) is None
