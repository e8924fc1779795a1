"""Rate limit headers."""

from __future__ import annotations

import pytest

from unigate_core.durations import format_duration
from unigate_formats.anthropic_messages.rate_limits import to_openai


def test_limits_of_requests_and_tokens_get_openais_names() -> None:
    headers = {
        "date": "Wed, 19 Aug 2026 14:35:00 GMT",
        "anthropic-ratelimit-requests-limit": "10000",
        "anthropic-ratelimit-requests-remaining": "9999",
        "anthropic-ratelimit-requests-reset": "2026-08-19T14:41:00Z",
        "anthropic-ratelimit-tokens-limit": "12000000",
        "anthropic-ratelimit-input-tokens-limit": "1",
    }
    assert to_openai(headers) == {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-limit-tokens": "12000000",
    }


def test_a_reset_in_the_past_is_now() -> None:
    headers = {"date": "Wed, 19 Aug 2026 14:35:17 GMT", "anthropic-ratelimit-tokens-reset": "2026-08-19T14:35:14Z"}
    assert to_openai(headers) == {"x-ratelimit-reset-tokens": "0ms"}


def test_a_reset_that_is_no_time_is_left_out() -> None:
    assert to_openai({"anthropic-ratelimit-tokens-reset": "soon"}) == {}


def test_other_answers_have_no_limits() -> None:
    assert to_openai({"content-type": "application/json"}) == {}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.012, "12ms"), (1, "1s"), (1.5, "1.5s"), (360, "6m0s"), (61.25, "1m1.25s"), (3723, "1h2m3s")],
)
def test_durations_are_written_as_openai_does(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
