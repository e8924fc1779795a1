"""Hints that Gemini refuses are left out, in the words in which it refuses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from unigate_core.errors import RequestRefused, UpstreamError
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.encode_request import encode_request
from unigate_formats.gemini_generate_content.relax import relax
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest, TextPart, Turn
from unigate_formats.neutral.translation import Context, NativeCall

BOTH = {"frequency_penalty": 1, "presence_penalty": 0.5}
UNABLE = "Unable to submit request because "
OLDER = {"model": "gemini-2.5-flash"}


def refused(message: str) -> UpstreamError:
    return UpstreamError(message, status=400, type="invalid_request_error")


@pytest.mark.parametrize(
    ("asked", "message", "dropped"),
    [
        (BOTH, "Penalty is not enabled for models/gemini-2.5-flash", ["frequency_penalty", "presence_penalty"]),
        (BOTH, "Presence penalty is not enabled for this model", ["presence_penalty"]),
        (BOTH, "Frequency penalty is not supported by this model", ["frequency_penalty"]),
        ({"temperature": 2}, f"{UNABLE}it has temperature of 2 but the supported range is 0", ["temperature"]),
        ({"top_p": 0.5}, "topP is not supported for this model", ["top_p"]),
        ({"top_k": 50}, f"{UNABLE}it has a topK value of 50 but the supported range is from 1 (inclusive)", ["top_k"]),
        ({"seed": 1}, 'Invalid JSON payload received. Unknown name "seed": Cannot find field.', ["seed"]),
        ({"reasoning_effort": "high"}, "Thinking level is not supported for this model.", ["reasoning_effort"]),
        ({"reasoning_effort": "high"} | OLDER, "Thinking is not enabled for models/x", ["reasoning_effort"]),
        (
            {"reasoning_effort": "none"} | OLDER,
            "Budget 0 is invalid. This model only works in thinking mode.",
            ["reasoning_effort"],
        ),
        ({"reasoning_effort": "high"} | OLDER, "The thinking budget (24576) is invalid.", ["reasoning_effort"]),
    ],
)
def test_a_hint_that_is_refused_is_left_out(
    translate: Callable[..., NativeCall], asked: Json, message: str, dropped: list[str]
) -> None:
    call = translate(**asked)
    relaxed = relax(call, refused(message))
    assert relaxed is not None
    assert list(relaxed.dropped) == dropped
    assert relaxed.body.get("generationConfig") != call.body["generationConfig"]
    assert relax(relaxed, refused(message)) is None or "reasoning_effort" in dropped


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ("The thinking budget 24576 is invalid. Please choose a value between 512 and 8192.", 8192),
        ("thinking_budget is out of range; supported values are integers from 1 to 16384.", 16384),
    ],
)
def test_a_budget_goes_into_the_range_that_is_named(
    translate: Callable[..., NativeCall], message: str, sent: int
) -> None:
    relaxed = relax(translate(reasoning_effort="high", **OLDER), refused(message))
    assert relaxed is not None
    assert relaxed.body["generationConfig"]["thinkingConfig"]["thinkingBudget"] == sent
    assert (relaxed.notes, relaxed.dropped) == ((f"thinking_budget:24576->{sent}",), ())


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "gemini-3-flash-preview"])
def test_a_resolution_that_is_refused_is_left_out(translate: Callable[..., NativeCall], model: str) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}}
    call = translate([{"role": "user", "content": [image]}], model=model)
    relaxed = relax(call, refused("Media resolution is not enabled for this model"))
    assert relaxed is not None
    assert "MEDIA_RESOLUTION" in str(call.body)
    assert "MEDIA_RESOLUTION" not in str(relaxed.body)
    assert relaxed.dropped == ("messages[0].content[0].image_url.detail",)


@pytest.mark.parametrize("message", ["Logprobs is not enabled for models/x", "API key not valid", "seed the garden"])
def test_what_decides_the_answer_stays_refused(translate: Callable[..., NativeCall], message: str) -> None:
    assert relax(translate(logprobs=True, seed=1), refused(message)) is None


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("gemini-2.5-flash", 31999, 24576),
        ("gemini-2.5-pro", 31999, 31999),
        ("gemini-2.5-pro", 100, 128),
        ("gemini-2.5-flash-lite", 1, 512),
    ],
)
def test_a_budget_beyond_the_model_becomes_the_nearest(model: str, asked: int, sent: int) -> None:
    chat = ChatRequest(
        model=model, turns=(Turn("user", (TextPart("q"),)),), reasoning_effort="high", reasoning_budget=asked
    )
    context = Context(model=ModelInfo(id=model), new_id=str, drop_unsupported=True)
    call = encode_request(chat, context)
    config: Any = call.body["generationConfig"]
    assert config["thinkingConfig"]["thinkingBudget"] == sent
    assert call.notes == (() if asked == sent else (f"thinking_budget:{asked}->{sent}",))
    if asked != sent:
        with pytest.raises(RequestRefused):
            encode_request(chat, replace(context, drop_unsupported=False))
