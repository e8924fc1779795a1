"""Answers beside the types that describe them in /openapi.json."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from openai import OpenAI

from unigate_edge.validation import answers

HELLO: Any = [{"role": "user", "content": "hello"}]


def post(client: OpenAI, path: str, body: Any) -> httpx.Response:
    """The raw answer."""
    return httpx.post(f"{client.base_url}{path}", json=body, timeout=30)


def events(text: str) -> list[bytes]:
    """The data of a stream's events."""
    return [line[6:].encode() for line in text.splitlines() if line.startswith("data: ") and line != "data: [DONE]"]


def test_a_chat_completion_is_as_described(client: OpenAI, model: str) -> None:
    response = post(client, "chat/completions", {"model": model, "messages": HELLO})
    assert msgspec.json.decode(response.content, type=answers.ChatCompletion).choices[0].message.content


def test_chunks_are_as_described(client: OpenAI, model: str) -> None:
    body = {"model": model, "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}}
    chunks = [
        msgspec.json.decode(data, type=answers.ChatCompletionChunk)
        for data in events(post(client, "chat/completions", body).text)
    ]
    assert chunks[-1].usage is not None


def test_a_response_and_its_events_are_as_described(client: OpenAI, model: str) -> None:
    response = post(client, "responses", {"model": model, "input": "hello"})
    assert msgspec.json.decode(response.content, type=answers.Response).status == "completed"
    told = events(post(client, "responses", {"model": model, "input": "hello", "stream": True}).text)
    assert [msgspec.json.decode(data, type=answers.ResponseEvent).sequence_number for data in told] == list(
        range(len(told))
    )


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("embeddings", {"model": "openai/text-embedding-3-small", "input": "x"}, answers.EmbeddingList),
        ("completions", {"model": "openai/gpt-3.5-turbo-instruct", "prompt": "x"}, answers.Completion),
        ("completions", {"model": "anthropic/claude-sonnet-4-5", "prompt": "x"}, answers.Completion),
        ("images/generations", {"model": "openai/gpt-image-1", "prompt": "x"}, answers.ImageList),
        ("moderations", {"model": "openai/omni-moderation-latest", "input": "x"}, answers.ModerationList),
        ("chat/completions", {"model": "nowhere/x", "messages": HELLO}, answers.Error),
    ],
)
def test_other_answers_are_as_described(client: OpenAI, path: str, body: Any, kind: type[Any]) -> None:
    assert msgspec.json.decode(post(client, path, body).content, type=kind)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("models", answers.ModelPage), ("models/openai/gpt-4o", answers.Model), ("usage", answers.Usage)],
)
def test_what_is_read_is_as_described(client: OpenAI, path: str, kind: Callable[..., Any]) -> None:
    assert msgspec.json.decode(httpx.get(f"{client.base_url}{path}").content, type=kind)
