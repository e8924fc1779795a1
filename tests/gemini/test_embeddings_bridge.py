"""embedContent and batchEmbedContents in front of OpenAI's embeddings."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import RequestRefused, UpstreamProtocol
from unigate_formats.gemini_generate_content.embeddings_bridge import from_embeddings, to_embeddings


def one(text: Any = "a", **more: Any) -> dict[str, Any]:
    return {"content": {"parts": [{"text": text}]}, **more}


def asked(*requests: Any, with_options: bool = False) -> tuple[dict[str, Any], list[str]]:
    dropped: list[str] = []
    body = {"requests": list(requests)}
    return to_embeddings(body, "m", dropped, drop_unsupported=True, with_options=with_options), dropped


def test_texts_and_size_are_openais() -> None:
    body, dropped = asked(one("a", outputDimensionality="2"), one("b", output_dimensionality=2))
    assert body == {"model": "m", "input": ["a", "b"], "encoding_format": "float", "dimensions": 2}
    assert dropped == []


def test_a_task_goes_where_the_provider_has_a_place_for_it() -> None:
    body, dropped = asked(one(taskType="CLUSTERING"), one(task_type="CLUSTERING"), with_options=True)
    assert body["provider_options"] == {"gemini": {"task_type": "CLUSTERING"}}
    assert dropped == []


@pytest.mark.parametrize("with_options", [False, True])
def test_a_task_of_some_texts_is_told_as_dropped(*, with_options: bool) -> None:
    body, dropped = asked(one(taskType="CLUSTERING"), one(), with_options=with_options)
    assert "provider_options" not in body
    assert dropped == ["requests[0].taskType"]


@pytest.mark.parametrize(
    "requests",
    [
        [],
        ["a"],
        [{"content": "a"}],
        [{"content": {"parts": "a"}}],
        [{"content": {"parts": [{"text": "a"}, "b"]}}],
        [{"content": {"parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png", "data": ""}}]}}],
        [one(1)],
        [one(outputDimensionality="x")],
        [one(outputDimensionality=1), one(outputDimensionality=2)],
        [one(), one(outputDimensionality=2)],
    ],
)
def test_what_cannot_be_asked_in_one_request_is_refused(requests: list[Any]) -> None:
    with pytest.raises(RequestRefused):
        asked(*requests)


def test_vectors_are_geminis() -> None:
    answer = {"data": [{"embedding": [1.0]}, {"embedding": [2.0]}]}
    assert from_embeddings(answer, count=2, batch=True) == {"embeddings": [{"values": [1.0]}, {"values": [2.0]}]}
    assert from_embeddings({"data": answer["data"][:1]}, count=1, batch=False) == {"embedding": {"values": [1.0]}}


@pytest.mark.parametrize("data", [[], [{"embedding": [1.0]}], [{"embedding": [1.0]}, {"embedding": []}]])
def test_a_vector_too_few_is_no_answer(data: list[Any]) -> None:
    with pytest.raises(UpstreamProtocol):
        from_embeddings({"data": data}, count=2, batch=True)
