"""The model list and what names tell."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_formats.gemini_generate_content.models import overlay, parse_models, traits_of
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import TEXT_OPERATIONS, Operation

FLASH = {
    "name": "models/gemini-2.5-flash",
    "displayName": "Gemini 2.5 Flash",
    "inputTokenLimit": 1048576,
    "outputTokenLimit": 65536,
    "supportedGenerationMethods": ["generateContent", "countTokens"],
    "thinking": True,
}


def listed(name: Any, *methods: Any) -> Any:
    [model], _ = parse_models({"models": [{"name": f"models/{name}", "supportedGenerationMethods": list(methods)}]})
    return overlay(model)


def test_a_model_is_listed_with_its_limits() -> None:
    [model], following = parse_models({"models": [FLASH]})
    assert model == ModelInfo(
        id="gemini-2.5-flash",
        display_name="Gemini 2.5 Flash",
        owned_by="google",
        context_window=1048576,
        max_output_tokens=65536,
        operations=TEXT_OPERATIONS,
        features=frozenset({"thinking"}),
    )
    assert following is None


def test_the_next_page_is_asked_by_its_token() -> None:
    assert parse_models({"models": [], "nextPageToken": "a/b="})[1] == "models?pageSize=1000&pageToken=a%2Fb%3D"


def test_an_embedding_model_embeds_once() -> None:
    assert listed("gemini-embedding-001", "embedContent", "batchEmbedContents").operations == (Operation.EMBEDDINGS,)


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        ("gemini-2.5-flash-preview-tts", Operation.AUDIO_SPEECH, Operation.CHAT),
        ("gemini-3-pro-image-preview", Operation.IMAGES_EDITS, Operation.AUDIO_TRANSCRIPTIONS),
        ("gemini-3.5-transcribe", Operation.AUDIO_TRANSCRIPTIONS, Operation.CHAT),
        ("gemini-3-flash-preview", Operation.AUDIO_TRANSCRIPTIONS, Operation.IMAGES_GENERATIONS),
    ],
)
def test_the_kind_of_a_model_tells_what_it_serves(name: Any, has: Any, lacks: Any) -> None:
    operations = listed(name, "generateContent").operations
    assert has in operations
    assert lacks not in operations


def test_efforts_are_features() -> None:
    assert "effort:minimal" in listed("gemini-3-flash-preview", "generateContent").features
    assert "effort:medium" not in listed("gemini-3-pro-preview", "generateContent").features
    assert "effort:none" in listed("gemini-2.5-flash", "generateContent").features


@pytest.mark.parametrize(
    ("name", "third"),
    [
        ("gemini-2.0-flash", False),
        ("gemini-2.5-pro", False),
        ("gemma-3-27b-it", False),
        ("gemini-3-flash-preview", True),
        ("gemini-3.8-flash", True),
        ("gemini-10-pro", True),
        ("gemini-flash-latest", True),
        ("gemini-robotics-er-1.5-preview", False),
    ],
)
def test_the_name_tells_the_generation(name: Any, third: Any) -> None:
    assert traits_of(name).is_third is third
