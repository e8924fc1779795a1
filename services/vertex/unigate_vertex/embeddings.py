"""OpenAI's embeddings ⇄ predict. https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api"""

from __future__ import annotations

from collections.abc import Sequence

from unigate_core.counts import members, token_count
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.gemini_generate_content.options import EMBEDDINGS as OPTIONS
from unigate_formats.gemini_generate_content.options import with_options
from unigate_formats.gemini_generate_content.parameters import EMBEDDINGS as PARAMETERS
from unigate_formats.neutral.embeddings import EmbeddingRequest, embedding_list, embedding_request
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult
from unigate_vertex.gemini import PREFIX

BATCH = 100
_ALONE = "gemini-embedding"
"""Models that take one text a call."""
_INSTANCE = {"taskType": "task_type", "title": "title"}
_PARAMETERS = {"outputDimensionality": "outputDimensionality", "autoTruncate": "autoTruncate"}


def to_predict(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call for as many texts as the model takes. Raises RequestRefused."""
    model, asked = body["model"], embedding_request(body, context)
    given: Json = {"outputDimensionality": body["dimensions"]} if body.get("dimensions") is not None else {}
    given = with_options(given, body.get("provider_options"), context, OPTIONS)
    instance = {theirs: given[ours] for ours, theirs in _INSTANCE.items() if ours in given}
    parameters = {theirs: given[ours] for ours, theirs in _PARAMETERS.items() if ours in given}
    size = 1 if _ALONE in model else BATCH
    return [
        NativeCall(
            path=f"{PREFIX}{model_path(model)}:predict",
            body={"instances": [{"content": text, **instance} for text in asked.texts[i : i + size]]}
            | ({"parameters": parameters} if parameters else {}),
            state=asked,
        )
        for i in range(0, len(asked.texts), size)
    ]


def from_predict(answers: Sequence[Json | None], asked: EmbeddingRequest) -> OperationResult:
    """OpenAI's list of embeddings, in the order of the input."""
    found = [
        members(members(item).get("embeddings"))
        for answer in answers
        for item in (answer or {}).get("predictions") or []
    ]
    tokens = sum(int(token_count(members(each.get("statistics")).get("token_count"))) for each in found)
    vectors = [each.get("values") or [] for each in found]
    return embedding_list(vectors, asked, tokens=tokens or None)


EMBEDDINGS = Handler(parameters=PARAMETERS, calls=to_predict, answer=from_predict)
