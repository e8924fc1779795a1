"""The limit of output tokens that a vendor's refusal names."""

from __future__ import annotations

import pytest

from unigate_core.errors import UpstreamError
from unigate_formats.neutral.output_limit import limit_lowered, named_limit
from unigate_formats.neutral.translation import NativeCall

GOOGLE = (
    "Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 "
    "(inclusive) to 8193 (exclusive). Update the value and try again."
)


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        ("max_tokens: 9000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku", 8192),
        ("The maximum tokens you requested exceeds the model limit of 4096. Try again with a lower one.", 4096),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192),
        ("`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less", 8192),
        (GOOGLE, 8192),
        ("input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000", None),
        ("The supported range of temperature is from 0 (inclusive) to 2 (exclusive).", None),
        ("the valid range of max_tokens is [1, 0]", None),
        ("max_tokens " * 100_000, None),
    ],
)
def test_a_limit_is_read_where_one_is_named(message: str, limit: int | None) -> None:
    assert named_limit(message) == limit


@pytest.mark.parametrize("asked", [8192, 100, None])
def test_a_limit_that_is_no_greater_stays(asked: int | None) -> None:
    lower = limit_lowered("generationConfig", "maxOutputTokens")
    call = NativeCall(path="p", body={"generationConfig": {"maxOutputTokens": asked}})
    assert lower(call, UpstreamError(GOOGLE, status=400, type="x")) is None


def test_a_greater_one_is_lowered_in_its_place() -> None:
    lower = limit_lowered("generationConfig", "maxOutputTokens")
    call = NativeCall(path="p", body={"x": 1, "generationConfig": {"maxOutputTokens": 9000, "y": 2}}, notes=("a",))
    changed = lower(call, UpstreamError(GOOGLE, status=400, type="x"))
    assert changed is not None
    assert changed.body == {"x": 1, "generationConfig": {"maxOutputTokens": 8192, "y": 2}}
    assert changed.notes == ("a", "max_tokens:9000->8192")
