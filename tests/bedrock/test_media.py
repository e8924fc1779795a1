"""Embeddings and images at Bedrock."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_bedrock.embeddings import TOKENS_HEADER, from_bedrock, to_bedrock
from unigate_bedrock.images import from_bedrock as images_of
from unigate_bedrock.images import to_bedrock as image_calls
from unigate_core.errors import RequestRefused, UpstreamError
from unigate_core.json import loads
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.translation import Context

CONTEXT = Context(model=ModelInfo(id="m"), new_id=lambda: "x", provider="bedrock", created=7)


def calls(model: str, texts: list[str], **more: Any) -> Any:
    return to_bedrock({"model": model, "input": texts, **more}, CONTEXT)


def test_titan_embeds_one_text_a_call() -> None:
    made = calls("amazon.titan-embed-text-v2:0", ["a", "b"], dimensions=256)
    assert [call.body for call in made] == [{"inputText": text, "dimensions": 256} for text in "ab"]
    answers = [{"embedding": [1.0, 0.0], "inputTextTokenCount": 2}, {"embedding": [0.0, 2.0], "inputTextTokenCount": 3}]
    told = loads(from_bedrock(answers, made[0].state).body)
    assert [item["embedding"] for item in told["data"]] == [[1.0, 0.0], [0.0, 1.0]]
    assert told["usage"] == {"prompt_tokens": 5, "total_tokens": 5}
    assert told["model"] == "bedrock/amazon.titan-embed-text-v2:0"


def test_cohere_embeds_many_and_tells_its_tokens_in_a_header() -> None:
    (call,) = calls("cohere.embed-v4:0", ["a", "b"], provider_options={"bedrock": {"input_type": "search_query"}})
    assert call.body == {"texts": ["a", "b"], "input_type": "search_query", "embedding_types": ["float"]}
    answer = {"embeddings": {"float": [[1.0], [1.0]]}, TOKENS_HEADER: "9"}
    assert loads(from_bedrock([answer], call.state).body)["usage"]["prompt_tokens"] == 9


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v1", "cohere.embed-english-v3"])
def test_a_model_with_one_length_refuses_another(model: str) -> None:
    with pytest.raises(RequestRefused, match="one length"):
        calls(model, ["a"], dimensions=10)


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(RequestRefused, match="not an embedding model"):
        calls("amazon.nova-lite-v1:0", ["a"])


def test_a_canvas_draws_several_at_once() -> None:
    request = {"model": "amazon.nova-canvas-v1:0", "prompt": "a", "n": 2, "size": "512x256", "quality": "high"}
    (call,) = image_calls(request, CONTEXT)
    config = {"numberOfImages": 2, "width": 512, "height": 256, "quality": "premium"}
    assert call.body["imageGenerationConfig"] == config
    told = loads(images_of([{"images": ["QQ==", "Qg=="]}], call.state).body)
    assert told == {"created": 7, "data": [{"b64_json": "QQ=="}, {"b64_json": "Qg=="}]}


def test_a_canvas_is_called_again_for_more_than_five() -> None:
    made = image_calls({"model": "amazon.nova-canvas-v1:0", "prompt": "a", "n": 12}, CONTEXT)
    assert [call.body["imageGenerationConfig"]["numberOfImages"] for call in made] == [5, 5, 2]


def test_stability_takes_a_ratio_and_draws_one_a_call() -> None:
    made = image_calls({"model": "stability.sd3-5-large-v1:0", "prompt": "a", "n": 2, "size": "1920x1080"}, CONTEXT)
    assert [call.body for call in made] == [{"prompt": "a", "output_format": "png", "aspect_ratio": "16:9"}] * 2


def test_a_picture_that_was_filtered_is_an_error() -> None:
    (call,) = image_calls({"model": "stability.sd3-5-large-v1:0", "prompt": "a"}, CONTEXT)
    with pytest.raises(UpstreamError, match="Filter reason: prompt"):
        images_of([{"images": [], "finish_reasons": ["Filter reason: prompt"]}], call.state)


def test_urls_hold_the_picture_itself() -> None:
    (call,) = image_calls({"model": "amazon.nova-canvas-v1:0", "prompt": "a", "response_format": "url"}, CONTEXT)
    made = images_of([{"images": ["iVBORw0KGgo="]}], call.state)
    assert loads(made.body)["data"] == [{"url": "data:image/png;base64,iVBORw0KGgo="}]
    assert made.notes == ("response_format:url->data_url",)
