"""Tokens."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_formats.gemini_generate_content.usage import has_tokens, usage_of
from unigate_formats.neutral.events import Usage


def test_tool_use_counts_as_input_and_thoughts_as_output() -> None:
    native = {
        "promptTokenCount": 17,
        "toolUsePromptTokenCount": 102,
        "candidatesTokenCount": 241,
        "thoughtsTokenCount": 412,
        "totalTokenCount": 772,
    }
    assert usage_of(native) == Usage(input=119, output=653, reasoning=412, total=772)


def test_counts_that_are_absent_are_zero() -> None:
    native = {"promptTokenCount": 432, "toolUsePromptTokenCount": 78, "thoughtsTokenCount": 18, "totalTokenCount": 528}
    assert usage_of(native) == Usage(input=510, output=18, reasoning=18, total=528)


def test_cached_tokens_are_part_of_the_input() -> None:
    native = {"promptTokenCount": 100, "cachedContentTokenCount": 90, "totalTokenCount": 100}
    assert (usage_of(native).input, usage_of(native).cache_read) == (100, 90)


def test_modalities_are_counted_apart() -> None:
    native = {
        "promptTokenCount": 9,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 1},
            {"modality": "AUDIO", "tokenCount": 2},
            {"modality": "IMAGE", "tokenCount": 3},
            {"modality": "VIDEO", "tokenCount": 3},
        ],
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 7}, {"modality": "AUDIO"}],
    }
    usage = usage_of(native)
    assert (usage.input_audio, usage.input_image, usage.output_image, usage.output_audio) == (2, 6, 7, 0)


@pytest.mark.parametrize(
    ("metadata", "tells"), [({"trafficType": "ON_DEMAND"}, False), ({"totalTokenCount": 3}, True), (None, False)]
)
def test_metadata_without_counts_is_no_usage(metadata: Any, tells: Any) -> None:
    assert has_tokens(metadata) is tells
