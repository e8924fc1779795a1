"""Options for who serves the request, by the provider's name or by the format's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_bedrock.embeddings import to_bedrock
from unigate_core.errors import RequestRefused
from unigate_core.json import Json
from unigate_formats.anthropic_messages.encode_request import encode_request as to_messages
from unigate_formats.gemini_generate_content.audio.speech import to_gemini as to_speech
from unigate_formats.gemini_generate_content.embeddings import to_gemini as to_embeddings
from unigate_formats.gemini_generate_content.encode_request import encode_request as to_contents
from unigate_formats.gemini_generate_content.images import to_generation
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_vertex.embeddings import to_predict

OTHERS: Json = {"openai": {"anything": 1}}


def context(provider: str) -> Context:
    return Context(model=ModelInfo(id="m", max_output_tokens=9), new_id=str, provider=provider)


def test_both_names_are_taken_the_providers_own_last() -> None:
    given = {"gemini": {"a": 1, "b": 1}, "vertex": {"b": 2}, **OTHERS}
    assert options_for(given, "vertex", "gemini") == {"a": 1, "b": 2}
    assert options_for('{"gemini": {"a": 1}}', "gemini", "gemini") == {"a": 1}
    assert options_for(None, "vertex", "gemini") == {}


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"vertex": {"b": 2}}, "provider_options.vertex.b"),
        ({"gemini": {"b": 2}}, "provider_options.gemini.b"),
        ({"gemini": []}, "provider_options.gemini"),
        ("{", "provider_options"),
        ([], "provider_options"),
    ],
)
def test_what_has_no_place_is_refused_by_its_path(given: Any, param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        options_for(given, "vertex", "gemini", {"a"})
    assert refused.value.param == param


@pytest.mark.parametrize("name", ["gemini", "vertex"])
@pytest.mark.parametrize(
    ("calls", "option", "sent"),
    [
        (to_generation, {"top_k": 3}, "'topK': 3"),
        (to_speech, {"top_k": 3}, "'topK': 3"),
        (to_embeddings, {"task_type": "CLUSTERING"}, "'taskType': 'CLUSTERING'"),
        (to_predict, {"task_type": "CLUSTERING"}, "'task_type': 'CLUSTERING'"),
    ],
)
def test_googles_operations_take_them(calls: Callable[..., Any], option: Json, sent: str, name: str) -> None:
    body = {"model": "m", "input": "a", "prompt": "a", "voice": "alloy", "provider_options": {name: option, **OTHERS}}
    assert sent in str(calls(body, context("vertex"))[0].body)


@pytest.mark.parametrize(
    ("encode", "provider", "form"),
    [(to_contents, "vertex", "gemini"), (to_messages, "vertex", "anthropic"), (to_messages, "bedrock", "anthropic")],
)
def test_chats_take_them_under_both_names(encode: Callable[..., Any], provider: str, form: str) -> None:
    for name in (provider, form):
        messages = [{"role": "user", "content": "q"}]
        chat = decode_request({"model": "m", "messages": messages, "provider_options": {name: {"top_k": 3}, **OTHERS}})
        assert "3" in str(encode(chat, context(provider)).body)


def test_options_of_other_providers_are_left_alone_by_embeddings() -> None:
    body = {"model": "cohere.embed-v4:0", "input": "a", "provider_options": {"mine": {"input_type": "x"}, **OTHERS}}
    assert to_bedrock(body, context("mine"))[0].body["input_type"] == "x"
