"""Embeddings."""

from __future__ import annotations

import base64
import gzip
import hashlib
import math
import struct
from importlib.resources import files
from typing import Any

import pytest

from unigate_core.errors import RequestRefused, UpstreamProtocol
from unigate_core.json import loads
from unigate_formats.gemini_generate_content.embeddings import count_tokens, from_gemini, to_gemini
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.token_ids import SHA256, TABLE
from unigate_formats.neutral.translation import Context

MODEL = "gemini-embedding-001"
CONTEXT = Context(provider="gemini", model=ModelInfo(id=MODEL), new_id=lambda: "x")


def calls(text: Any, **more: Any) -> Any:
    return to_gemini({"model": MODEL, "input": text, **more}, CONTEXT)


def answer(*vectors: list[float], tokens: int | None = None) -> dict[str, Any]:
    native: dict[str, Any] = {"embeddings": [{"values": vector} for vector in vectors]}
    return native if tokens is None else native | {"usageMetadata": {"promptTokenCount": tokens}}


def test_a_text_is_one_request_that_names_the_model_again() -> None:
    [call] = calls("Hi")
    assert call.path == f"models/{MODEL}:batchEmbedContents"
    assert call.body == {"requests": [{"model": f"models/{MODEL}", "content": {"parts": [{"text": "Hi"}]}}]}


def test_dimensions_and_task_are_asked_of_every_item() -> None:
    [call] = calls(["a", "b"], dimensions=768, provider_options={"gemini": {"task_type": "CLUSTERING"}})
    assert [item["outputDimensionality"] for item in call.body["requests"]] == [768, 768]
    assert [item["taskType"] for item in call.body["requests"]] == ["CLUSTERING", "CLUSTERING"]


def test_many_texts_are_asked_for_by_the_hundred() -> None:
    assert [len(call.body["requests"]) for call in calls(["x"] * 250)] == [100, 100, 50]


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        ([1, 999_999], "invalid_value", "input"),
        ([[1], [-1]], "invalid_value", "input"),
        ([[1], [1.5]], "invalid_value", "input"),
        ([True], "invalid_value", "input"),
        ([{"text": "x"}], "invalid_value", "input"),
        ([[]], "invalid_value", "input"),
        ([100257], "invalid_value", "input[0]"),
        ("", "invalid_value", "input"),
        (["a", ""], "invalid_value", "input[1]"),
        ([], "invalid_value", "input"),
        (["a"] * 2049, "invalid_value", "input"),
    ],
)
def test_what_cannot_be_embedded_is_refused(text: Any, code: str, param: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        calls(text)
    assert (refused.value.code, refused.value.param) == (code, param)


@pytest.mark.parametrize(
    ("ids", "texts"),
    [
        ([83, 1609, 5963, 374, 2294, 0], ["tiktoken is great!"]),
        ([[15339, 1917], [83, 1609, 5963, 100257]], ["hello world", "tiktoken"]),
        (["as text", [15339]], ["as text", "hello"]),
        # the first of the two ids of an emoji alone
        ([[9468]], ["\N{REPLACEMENT CHARACTER}"]),
    ],
)
def test_token_ids_become_the_text_that_they_stand_for(ids: Any, texts: list[str]) -> None:
    [call] = calls(ids)
    assert [item["content"]["parts"][0]["text"] for item in call.body["requests"]] == texts


def test_decoded_token_ids_are_told() -> None:
    [call] = calls([15339, 1917])
    assert from_gemini([answer([1.0], tokens=2)], call.state).notes == ("token_ids_decoded",)
    [call] = calls(["hello world"])
    assert from_gemini([answer([1.0], tokens=2)], call.state).notes == ()


def test_the_table_of_token_ids_is_the_published_one() -> None:
    packed = files("unigate_formats.neutral").joinpath(TABLE).read_bytes()
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == SHA256


def test_vectors_are_listed_in_the_order_of_the_input() -> None:
    [first, second] = calls(["x"] * 101)
    product = from_gemini([answer(*[[1.0, 0.0]] * 100, tokens=7), answer([0.0, 1.0], tokens=2)], first.state)
    body = loads(product.body)
    assert [item["index"] for item in body["data"]] == list(range(101))
    assert body["data"][100] == {"object": "embedding", "index": 100, "embedding": [0.0, 1.0]}
    assert (body["model"], body["usage"]) == (f"gemini/{MODEL}", {"prompt_tokens": 9, "total_tokens": 9})
    assert second.state == first.state


def test_short_vectors_are_brought_to_length_one() -> None:
    [call] = calls("Hi")
    [item] = loads(from_gemini([answer([0.3, 0.4], tokens=1)], call.state).body)["data"]
    assert math.isclose(math.hypot(*item["embedding"]), 1)


def test_vectors_of_length_one_are_not_touched() -> None:
    [call] = calls("Hi")
    [item] = loads(from_gemini([answer([0.6, 0.8000001], tokens=1)], call.state).body)["data"]
    assert item["embedding"] == [0.6, 0.8000001]


def test_base64_is_little_endian_floats_of_32_bits() -> None:
    [call] = calls("Hi", encoding_format="base64")
    [item] = loads(from_gemini([answer([0.0, 1.0], tokens=1)], call.state).body)["data"]
    assert struct.unpack("<2f", base64.b64decode(item["embedding"])) == (0.0, 1.0)


def test_tokens_are_counted_apart_when_the_model_tells_none() -> None:
    [call] = calls(["a", "b"])
    count = count_tokens([answer([1.0])], call.state)
    assert count is not None
    assert count.path == f"models/{MODEL}:countTokens"
    assert count.body == {"contents": [{"parts": [{"text": "a"}]}, {"parts": [{"text": "b"}]}]}
    product = from_gemini([answer([1.0], [1.0]), {"totalTokens": 4}], call.state)
    assert (product.usage.input if product.usage else None, product.notes) == (4, ())


def test_tokens_that_were_told_are_not_counted_again() -> None:
    [call] = calls("a")
    assert count_tokens([answer([1.0], tokens=1)], call.state) is None


def test_tokens_that_nobody_could_count_are_noted() -> None:
    [call] = calls("a")
    product = from_gemini([answer([1.0]), None], call.state)
    assert loads(product.body)["usage"] == {"prompt_tokens": 0, "total_tokens": 0}
    assert product.notes == ("usage_unavailable",)


@pytest.mark.parametrize("native", [answer([1.0, 0.0]), answer([1.0, 0.0], []), answer([1.0], [1.0], [1.0])])
def test_a_vector_too_few_or_too_many_is_no_answer(native: dict[str, Any]) -> None:
    [call] = calls(["a", "b"])
    with pytest.raises(UpstreamProtocol):
        from_gemini([native], call.state)


def test_large_values_are_brought_to_length_one() -> None:
    [call] = calls("a", encoding_format="base64")
    [item] = loads(from_gemini([answer([1e300, 0.0], tokens=1)], call.state).body)["data"]
    assert struct.unpack("<2f", base64.b64decode(item["embedding"])) == (1.0, 0.0)
