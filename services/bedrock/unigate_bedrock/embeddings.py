"""OpenAI's embeddings ⇄ the models of Amazon and Cohere at Bedrock, by InvokeModel.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from unigate_core.counts import token_count
from unigate_core.errors import UpstreamProtocol, unsupported_parameter
from unigate_core.json import Json
from unigate_formats.neutral.embeddings import EmbeddingRequest, embedding_list, embedding_request
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

TOKENS_HEADER = "x-amzn-bedrock-input-token-count"
COHERE_BATCH = 96

PARAMETERS: Parameters = {
    "model": Parameter(ParameterSupport.TRANSFORMED, "In the path."),
    "input": Parameter(ParameterSupport.TRANSFORMED, "Texts; token ids of cl100k_base are decoded."),
    "dimensions": Parameter(ParameterSupport.TRANSFORMED, "For models that can be asked for it."),
    "encoding_format": Parameter(ParameterSupport.GATEWAY),
    "user": Parameter(ParameterSupport.DROPPED),
    "provider_options": Parameter(
        ParameterSupport.TRANSFORMED, "`bedrock`: members of the model's own request, such as input_type."
    ),
}


class Family(NamedTuple):
    """How a family is asked and answers. `batch` texts go into one call; `dimensions` names the native member."""

    marks: tuple[str, ...]
    batch: int
    body: Callable[[Sequence[str]], Json]
    vectors: Callable[[Json], Sequence[Any]]
    dimensions: str


def _cohere(texts: Sequence[str]) -> Json:
    return {"texts": list(texts), "input_type": "search_document", "embedding_types": ["float"]}


def _cohere_vectors(answer: Json) -> Sequence[Any]:
    found = answer["embeddings"]
    vectors: Sequence[Any] = found["float"] if isinstance(found, dict) else found
    return vectors


def _nova(texts: Sequence[str]) -> Json:
    text = {"truncationMode": "NONE", "value": texts[0]}
    return {
        "taskType": "SINGLE_EMBEDDING",
        "singleEmbeddingParams": {"embeddingPurpose": "GENERIC_INDEX", "text": text},
    }


FAMILIES = (
    Family(("cohere.embed",), COHERE_BATCH, _cohere, _cohere_vectors, "output_dimension"),
    Family(
        ("nova-2-multimodal-embeddings",),
        1,
        _nova,
        lambda answer: [item["embedding"] for item in answer["embeddings"]],
        "embeddingDimension",
    ),
    Family(
        ("titan-embed",), 1, lambda texts: {"inputText": texts[0]}, lambda answer: [answer["embedding"]], "dimensions"
    ),
)


class State(msgspec.Struct, frozen=True):
    """What the answer needs to know of the request."""

    asked: EmbeddingRequest
    family: Family


def is_embedding_model(model: str) -> bool:
    """Whether a family here knows the model."""
    return any(mark in model for family in FAMILIES for mark in family.marks)


def to_bedrock(body: Json, context: Context) -> Sequence[NativeCall]:
    """A call for each text, or for each batch of texts. Raises RequestRefused."""
    model = body["model"]
    asked = embedding_request(body, context)
    family = next((each for each in FAMILIES if any(mark in model for mark in each.marks)), None)
    if family is None:
        raise unsupported_parameter("model", f"'{model}' is not an embedding model that is known here.")
    state = State(asked, family)
    more = options_for(body.get("provider_options"), context.provider, "bedrock")
    return [
        NativeCall(
            path=f"model/{quote(model, safe='')}/invoke",
            body=_with_dimensions(family, family.body(asked.texts[i : i + family.batch]), body.get("dimensions"), model)
            | more,
            state=state,
        )
        for i in range(0, len(asked.texts), family.batch)
    ]


def from_bedrock(answers: Sequence[Json | None], state: State) -> OperationResult:
    """OpenAI's list of embeddings, in the order of the input."""
    vectors: list[Any] = []
    tokens = 0
    for answer in answers:
        if answer is None:
            raise UpstreamProtocol("Bedrock's answer has no embedding.")
        vectors += state.family.vectors(answer)
        counted = answer.get("inputTextTokenCount", answer.get(TOKENS_HEADER))
        tokens += token_count(int(counted)) if counted is not None else 0
    return embedding_list(vectors, state.asked, tokens=tokens or None)


def _with_dimensions(family: Family, native: Json, dimensions: Any, model: str) -> Json:
    if dimensions is None:
        return native
    if model.endswith("titan-embed-text-v1") or "cohere.embed-english" in model or "cohere.embed-multilingual" in model:
        raise unsupported_parameter("dimensions", f"'{model}' has one length of vectors.")
    if family.dimensions == "embeddingDimension":
        return native | {"singleEmbeddingParams": native["singleEmbeddingParams"] | {family.dimensions: dimensions}}
    return native | {family.dimensions: dimensions}


EMBEDDINGS = Handler(parameters=PARAMETERS, calls=to_bedrock, answer=from_bedrock, answer_headers=(TOKENS_HEADER,))
