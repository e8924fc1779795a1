"""OpenAI's embeddings ⇄ batchEmbedContents. https://ai.google.dev/api/embeddings"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unigate_core.counts import token_count
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.gemini_generate_content.options import EMBEDDINGS as OPTIONS
from unigate_formats.gemini_generate_content.options import with_options
from unigate_formats.gemini_generate_content.parameters import EMBEDDINGS as PARAMETERS
from unigate_formats.gemini_generate_content.usage import metadata_of
from unigate_formats.neutral.embeddings import EmbeddingRequest, embedding_list, embedding_request
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

BATCH = 100


class State(msgspec.Struct, frozen=True):
    """What the answer needs to know of the request."""

    asked: EmbeddingRequest
    model: str
    calls: int


def to_gemini(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call for every hundred texts. Raises RequestRefused."""
    asked = embedding_request(body, context)
    path = model_path(body["model"])
    request: Json = {"model": path}
    if body.get("dimensions") is not None:
        request["outputDimensionality"] = body["dimensions"]
    request = with_options(request, body.get("provider_options"), context, OPTIONS)
    batches = [asked.texts[i : i + BATCH] for i in range(0, len(asked.texts), BATCH)]
    state = State(asked, body["model"], len(batches))
    return [
        NativeCall(
            path=f"{path}:batchEmbedContents",
            body={"requests": [request | {"content": _content(text)} for text in batch]},
            state=state,
        )
        for batch in batches
    ]


def count_tokens(answers: Sequence[Json], state: State) -> NativeCall | None:
    """Some models embed without telling what it cost; these are asked to count."""
    if all("promptTokenCount" in metadata_of(answer) for answer in answers):
        return None
    return NativeCall(
        path=f"{model_path(state.model)}:countTokens",
        body={"contents": [_content(text) for text in state.asked.texts]},
        state=state,
    )


def from_gemini(answers: Sequence[Json | None], state: State) -> OperationResult:
    """OpenAI's list of embeddings, in the order of the input."""
    vectors = [
        item.get("values") or [] for answer in answers[: state.calls] for item in (answer or {}).get("embeddings") or []
    ]
    return embedding_list(vectors, state.asked, tokens=_tokens(answers, state))


def _content(text: str) -> Json:
    return {"parts": [{"text": text}]}


def _tokens(answers: Sequence[Json | None], state: State) -> int | None:
    if len(answers) > state.calls:
        counted = answers[state.calls]
        return None if counted is None else token_count(counted.get("totalTokens"))
    return sum(token_count(metadata_of(answer or {}).get("promptTokenCount")) for answer in answers)


EMBEDDINGS = Handler(parameters=PARAMETERS, calls=to_gemini, answer=from_gemini, follow_up=count_tokens)
