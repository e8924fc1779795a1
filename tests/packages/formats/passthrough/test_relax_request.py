"""What is changed of a request that OpenAI refused for its model."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_core.json import dumps, loads
from unigate_formats.openai_passthrough.relax_request import relaxed_body

ONLY_DEFAULT = "Unsupported value: '{}' does not support 0.2 with this model. Only the default (1) value is supported."
NOT_SUPPORTED = "Unsupported parameter: '{}' is not supported with this model."
EFFORTS = (
    "Unsupported value: '{}' is not supported with the 'o3' model. Supported values are: 'low', 'medium', and 'high'."
)


def refusal(message: str, param: str | None = None, code: str | None = None, status: int = 400) -> UpstreamError:
    return UpstreamError(message, status=status, type="invalid_request_error", param=param, code=code)


def relaxed(body: dict[str, Any], error: UpstreamError) -> tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]:
    found = relaxed_body(dumps(body), [error])
    assert found is not None
    data, what = found
    return loads(data), what.dropped, what.notes


@pytest.mark.parametrize(
    ("body", "error", "expected", "dropped", "notes"),
    [
        (
            {"temperature": 0.2, "top_p": 1},
            refusal(ONLY_DEFAULT.format("temperature"), "temperature", "unsupported_value"),
            {"top_p": 1}, ("temperature",), (),
        ),
        # Azure tells no param now and then
        ({"top_p": 0.2}, refusal(NOT_SUPPORTED.format("top_p"), None, "unsupported_parameter"), {}, ("top_p",), ()),
        (
            {"max_tokens": 9},
            refusal(f"{NOT_SUPPORTED.format('max_tokens')[:-1]}. Use 'max_completion_tokens' instead.", "max_tokens",
                    "unsupported_parameter"),
            {"max_completion_tokens": 9}, (), ("max_tokens_renamed",),
        ),
        (
            {"max_tokens": 20_480},
            refusal("max_tokens is too large: 20480. This model supports at most 16384 completion tokens, whereas you "
                    "provided 20480.", "max_tokens", "invalid_value"),
            {"max_tokens": 16_384}, (), ("max_tokens:20480->16384",),
        ),
        (
            {"max_output_tokens": 99_999},
            refusal("Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 16384.",
                    "max_output_tokens", "integer_above_max_value"),
            {"max_output_tokens": 16_384}, (), ("max_tokens:99999->16384",),
        ),
        (
            {"reasoning_effort": "minimal"},
            refusal(EFFORTS.format("minimal"), "reasoning_effort", "unsupported_value"),
            {"reasoning_effort": "low"}, (), ("effort:minimal->low",),
        ),
        (
            {"reasoning": {"effort": "xhigh", "summary": "auto"}},
            refusal(EFFORTS.format("xhigh"), "reasoning.effort", "unsupported_value"),
            {"reasoning": {"effort": "high", "summary": "auto"}}, (), ("effort:xhigh->high",),
        ),
        (
            {"reasoning": {"effort": "low", "summary": "auto"}},
            refusal(NOT_SUPPORTED.format("reasoning.effort"), "reasoning.effort", "unsupported_parameter"),
            {"reasoning": {"summary": "auto"}}, ("reasoning.effort",), (),
        ),
        (
            {"reasoning": {"effort": "low"}, "x": 1},
            refusal(NOT_SUPPORTED.format("reasoning.effort"), "reasoning.effort", "unsupported_parameter"),
            {"x": 1}, ("reasoning.effort",), (),
        ),
        (
            {"reasoning_effort": "low"}, refusal("Unrecognized request argument supplied: reasoning_effort"),
            {}, ("reasoning_effort",), (),
        ),
    ],
)  # fmt: skip
def test_what_was_refused_is_left_out_or_shaped_and_told(
    body: dict[str, Any],
    error: UpstreamError,
    expected: dict[str, Any],
    dropped: tuple[str, ...],
    notes: tuple[str, ...],
) -> None:
    model = {"model": "m", "messages": []}
    assert relaxed(model | body, error) == (model | expected, dropped, notes)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        # these decide what the answer holds
        ({"logprobs": True}, refusal(NOT_SUPPORTED.format("logprobs"), "logprobs", "unsupported_parameter")),
        ({"n": 2}, refusal(NOT_SUPPORTED.format("n"), "n", "unsupported_parameter")),
        ({"tools": []}, refusal(NOT_SUPPORTED.format("tools"), "tools", "unsupported_parameter")),
        # wrong in itself
        ({"temperature": "x"}, refusal("Invalid type for 'temperature'.", "temperature", "invalid_type")),
        ({"temperature": 3}, refusal("Invalid 'temperature': decimal above maximum.", "temperature", None)),
        # nothing to leave out
        ({}, refusal(NOT_SUPPORTED.format("temperature"), "temperature", "unsupported_parameter")),
        ({"reasoning": "x"}, refusal(NOT_SUPPORTED.format("reasoning.effort"), "reasoning.effort",
                                     "unsupported_parameter")),
        # another value than the one that was refused
        ({"temperature": 1}, refusal(ONLY_DEFAULT.format("temperature"), "temperature", "unsupported_value")),
        ({"reasoning_effort": "low"}, refusal(EFFORTS.format("minimal"), "reasoning_effort", "unsupported_value")),
        # not a refusal of the request
        ({"temperature": 1}, refusal(NOT_SUPPORTED.format("temperature"), "temperature", "unsupported_parameter", 500)),
        ({"temperature": 1}, refusal("Unrecognized request argument supplied: unknown")),
    ],
)  # fmt: skip
def test_any_other_refusal_stays(body: dict[str, Any], error: UpstreamError) -> None:
    assert relaxed_body(dumps({"model": "m"} | body), [error]) is None
