"""Every way in which Gemini can end an answer."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import UpstreamError
from unigate_formats.gemini_generate_content.decode_finish import FAILURES, REASONS, UNDECIDED, finish_events
from unigate_formats.neutral.events import UNKNOWN_FINISH_REASON, Finish, Ignored, Refusal

FILTERS = [reason for reason, finish in REASONS.items() if finish == "content_filter"]


def ending(reason: Any, message: Any = "", *, content: Any = True, calls: Any = False) -> Any:
    return list(finish_events(reason, message, content=content, calls=calls, choice=0))


def test_a_stop_with_a_call_is_tool_calls() -> None:
    assert ending("STOP", calls=True) == [Finish("tool_calls")]


def test_a_limit_with_a_call_is_still_a_limit() -> None:
    assert ending("MAX_TOKENS", calls=True) == [Finish("length")]


@pytest.mark.parametrize("reason", FILTERS)
def test_a_filter_without_text_declines(reason: Any) -> None:
    refusal, finish = ending(reason, content=False)
    assert reason in refusal.text
    assert finish == Finish("content_filter")


def test_the_vendors_own_words_are_the_refusal() -> None:
    assert ending("RECITATION", "Too alike.", content=False)[0] == Refusal("Too alike.")


def test_a_filter_after_some_text_adds_nothing() -> None:
    assert ending("SAFETY") == [Finish("content_filter")]


@pytest.mark.parametrize("reason", sorted(UNDECIDED))
def test_an_undecided_end_with_an_answer_is_a_stop(reason: Any) -> None:
    assert ending(reason) == [Finish("stop")]
    assert ending(reason, calls=True) == [Finish("tool_calls")]


@pytest.mark.parametrize("reason", sorted(UNDECIDED))
def test_an_undecided_end_without_an_answer_is_an_error(reason: Any) -> None:
    with pytest.raises(UpstreamError) as failed:
        ending(reason, content=False)
    assert (failed.value.status, failed.value.code) == (502, "upstream_no_content")


@pytest.mark.parametrize("reason", sorted(FAILURES))
def test_a_failure_is_an_error_of_its_own_name(reason: Any) -> None:
    with pytest.raises(UpstreamError) as failed:
        ending(reason)
    assert (failed.value.status, failed.value.code) == (502, reason.lower())


def test_an_unknown_end_is_a_stop_with_a_note() -> None:
    assert ending("BORED") == [Ignored(UNKNOWN_FINISH_REASON), Finish("stop")]
