"""The table of parameters."""

from __future__ import annotations

from typing import Any

import pytest
from openai.types.chat import completion_create_params

from unigate_formats.anthropic_messages.parameters import PARAMETERS


def test_every_parameter_of_the_official_sdk_has_a_fate() -> None:
    known = completion_create_params.CompletionCreateParamsBase.__annotations__
    assert not set(known) - set(PARAMETERS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frequency_penalty", 0.5),
        ("presence_penalty", -1),
        ("logit_bias", {"50256": -100}),
        ("logprobs", True),
        ("top_logprobs", 2),
        ("verbosity", "high"),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("moderation", {"model": "omni-moderation-latest"}),
    ],
)
def test_what_anthropic_cannot_do_is_refused_by_name(refuse: Any, name: str, value: Any) -> None:
    error = refuse(**{name: value})
    assert (error.param, error.code) == (name, "unsupported_parameter")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frequency_penalty", 0),
        ("presence_penalty", 0.0),
        ("logit_bias", {}),
        ("logprobs", False),
        ("top_logprobs", 0),
        ("verbosity", "medium"),
        ("modalities", ["text"]),
        ("moderation", None),
    ],
)
def test_what_asks_for_nothing_is_let_through(translate: Any, name: str, value: Any) -> None:
    assert name not in translate(**{name: value}).body


@pytest.mark.parametrize("name", ["seed", "prediction", "prompt_cache_key", "store", "metadata"])
def test_what_is_inert_is_dropped(translate: Any, name: str) -> None:
    assert name not in translate(**{name: {"a": "b"}}).body


def test_an_unknown_parameter_is_refused(refuse: Any) -> None:
    assert refuse(frobnicate=1).code == "unknown_parameter"
