"""Counts of strangers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_adapter.calls.envelope import usage_message
from unigate_core.counts import MAX_SECONDS, MAX_TOKENS, second_count, token_count
from unigate_formats.openai_chat.usage import read_usage

ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize(
    ("written", "count"),
    [(7, 7), (7.9, 7), ("12", 12), ("x", 0), (None, 0), (True, 0), ([3], 0), ({}, 0), (-5, 0), (float("nan"), 0),
     (float("inf"), 0), ("1e999", 0), (2**70, MAX_TOKENS), (1e30, MAX_TOKENS)],
)  # fmt: skip
def test_a_count_is_a_number_that_can_be_added(written: Any, count: int) -> None:
    assert token_count(written) == count


@given(ODD)
def test_no_value_breaks_a_count(written: Any) -> None:
    assert 0 <= token_count(written) <= MAX_TOKENS
    assert 0 <= second_count(written) <= MAX_SECONDS


NAMES = ("prompt_tokens", "input_tokens", "completion_tokens", "output_tokens", "total_tokens", "prompt_tokens_details",
         "completion_tokens_details")  # fmt: skip


@given(st.dictionaries(st.sampled_from(NAMES), ODD))
def test_no_usage_of_openais_format_breaks_the_contract(usage: dict[str, Any]) -> None:
    message = usage_message(read_usage(usage))
    assert message.cache_read_tokens <= message.input_tokens
    assert message.reasoning_tokens <= message.output_tokens
