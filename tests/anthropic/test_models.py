"""The vendor's models and what is known of them beside."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_formats.anthropic_messages.models import overlay, parse_models
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import TEXT_OPERATIONS

YES, NO = {"supported": True}, {"supported": False}
ITEM = {
    "type": "model",
    "id": "claude-opus-4-8",
    "display_name": "Claude Opus 4.8",
    "created_at": "2026-05-28T00:00:00Z",
    "max_input_tokens": 1_000_000,
    "max_tokens": 128_000,
    "capabilities": {
        "structured_outputs": YES,
        "image_input": YES,
        "pdf_input": NO,
        "effort": {"supported": True, "low": YES, "high": YES, "xhigh": NO, "max": None},
        "thinking": {"supported": True, "types": {"adaptive": YES, "enabled": NO, "disabled": YES}},
    },
}


def one(**changes: Any) -> ModelInfo:
    return parse_models({"data": [ITEM | changes], "has_more": False})[0][0]


def test_a_model_is_described_as_the_vendor_does() -> None:
    model = one()
    assert (model.id, model.display_name, model.owned_by) == ("claude-opus-4-8", "Claude Opus 4.8", "anthropic")
    assert (model.context_window, model.max_output_tokens) == (1_000_000, 128_000)
    assert model.created == 1779926400
    assert model.operations == TEXT_OPERATIONS
    assert model.input_modalities == ("text", "image")


def test_capabilities_become_words() -> None:
    assert one().features == {
        "effort:low", "effort:high", "thinking:adaptive", "thinking:disabled", "structured_outputs"
    }  # fmt: skip


def test_a_date_of_retirement_is_told() -> None:
    assert one(retires_at="2027-01-31T00:00:00Z").shutdown_date == "2027-01-31"
    assert one().shutdown_date == ""


def test_a_release_date_that_is_unknown_is_zero() -> None:
    assert one(created_at="1970-01-01T00:00:00Z").created == 0
    assert one(created_at="soon").created == 0


def test_a_sparse_entry_is_tolerated() -> None:
    models, _ = parse_models({"data": [{"id": "claude-x"}]})
    assert models[0].id == "claude-x"


def test_a_list_of_several_pages_names_the_next() -> None:
    assert parse_models({"data": [], "has_more": True, "last_id": "a b"})[1] == "models?limit=1000&after_id=a%20b"
    assert parse_models({"data": [], "has_more": False, "last_id": "a"})[1] is None


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("claude-3-opus-20240229", 4096),
        ("claude-3-5-haiku-latest", 8192),
        ("claude-3-7-sonnet-20250219", 64_000),
        ("claude-sonnet-4-0", 64_000),
        ("claude-sonnet-4-20250514", 64_000),
        ("claude-opus-4-20250514", 32_000),
        ("claude-opus-4-1-20250805", 32_000),
        ("claude-haiku-4-5-20251001", 64_000),
        ("claude-opus-4-5", 64_000),
        ("claude-sonnet-4-6", 128_000),
        ("claude-opus-4-8", 128_000),
        ("claude-sonnet-5", 128_000),
        ("something-else", 8192),
        ("claude-2.1", 4096),
        ("claude-3-haiku@20240307", 4096),
        ("claude-sonnet-4@20250514", 64_000),
        ("claude-opus-4@20250514", 32_000),
        ("claude-opus-4-1@20250805", 32_000),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", 64_000),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-20250514-v1:0", 32_000),
    ],
)
def test_families_are_known_without_a_list(name: str, output: int) -> None:
    assert overlay(ModelInfo(id=name)).max_output_tokens == output


@pytest.mark.parametrize(
    "name", ["claude-sonnet-4", "claude-sonnet-4@20250514", "anthropic.claude-sonnet-4-20250514-v1:0"]
)
def test_a_release_thinks_alike_at_anthropic_and_at_its_clouds(name: str) -> None:
    assert overlay(ModelInfo(id=name)).features == overlay(ModelInfo(id="claude-sonnet-4-20250514")).features


def test_what_the_list_says_goes_before_what_is_known() -> None:
    model = overlay(ModelInfo(id="claude-opus-4-8", max_output_tokens=5, features=frozenset({"effort:low"})))
    assert model.max_output_tokens == 5
    assert "effort:high" not in model.features


def test_what_no_list_tells_is_added() -> None:
    model = overlay(ModelInfo(id="claude-opus-4-8", features=frozenset({"effort:low"})))
    assert "mid_conversation_system" in model.features
    assert "prefill" not in model.features
    assert "prefill" in overlay(ModelInfo(id="claude-haiku-4-5")).features


def test_the_overlay_can_be_laid_twice() -> None:
    once = overlay(ModelInfo(id="claude-sonnet-4-5"))
    assert overlay(once) == once
