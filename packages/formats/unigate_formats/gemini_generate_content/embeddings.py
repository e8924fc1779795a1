"""OpenAI's embeddings ⇄ batchEmbedContents. https://ai.google.dev/api/embeddings"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from unigate_core.counts import token_count
from unigate_core.errors import invalid_value, unsupported_value
from unigate_core.json import Json, dumps
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.gemini_generate_content.options import EMBEDDINGS as OPTIONS
from unigate_formats.gemini_generate_content.options import own_options, with_options
from unigate_formats.gemini_generate_content.parameters import EMBEDDINGS as PARAMETERS
from unigate_formats.gemini_generate_content.usage import metadata_of
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

BATCH = 100
MAX_INPUTS = 2048
NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answer needs to know of the request."""

    model: str
    texts: tuple[str, ...]
    calls: int
    base64: bool


def to_gemini(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call for every hundred texts. Raises RequestRefused."""
    del context
    texts = _texts(body.get("input"))
    path = model_path(body["model"])
    request: Json = {"model": path}
    if body.get("dimensions") is not None:
        request["outputDimensionality"] = body["dimensions"]
    request = with_options(request, own_options(body), OPTIONS)
    batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
    encoding = body.get("encoding_format") == "base64"
    reading = Reading(model=body["model"], texts=texts, calls=len(batches), base64=encoding)
    return [
        NativeCall(
            path=f"{path}:batchEmbedContents",
            body={"requests": [request | {"content": _content(text)} for text in batch]},
            state=reading,
        )
        for batch in batches
    ]


def count_tokens(answers: Sequence[Json], reading: Reading) -> NativeCall | None:
    """Some models embed without telling what it cost; these are asked to count."""
    if all("promptTokenCount" in metadata_of(answer) for answer in answers):
        return None
    return NativeCall(
        path=f"{model_path(reading.model)}:countTokens",
        body={"contents": [_content(text) for text in reading.texts]},
        state=reading,
    )


def from_gemini(answers: Sequence[Json | None], reading: Reading) -> OperationResult:
    """OpenAI's list of embeddings, in the order of the input."""
    vectors = [
        _unit(item.get("values") or [])
        for answer in answers[: reading.calls]
        for item in (answer or {}).get("embeddings") or []
    ]
    tokens = _tokens(answers, reading)
    data = [
        {"object": "embedding", "index": i, "embedding": _base64(vector) if reading.base64 else vector}
        for i, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens or 0, "total_tokens": tokens or 0}
    return OperationResult(
        body=dumps({"object": "list", "data": data, "model": f"gemini/{reading.model}", "usage": usage}),
        usage=Usage(input=tokens or 0, total=tokens or 0),
        notes=() if tokens is not None else ("usage_unavailable",),
    )


def _texts(value: object) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items:
        raise invalid_value("input", "it holds at least one text.")
    if len(items) > MAX_INPUTS:
        raise invalid_value("input", f"it holds at most {MAX_INPUTS} texts.")
    texts = []
    for i, item in enumerate(items):
        if not isinstance(item, str):
            raise unsupported_value(
                "input",
                "token ids belong to OpenAI's tokenizer; send text "
                "(LangChain: OpenAIEmbeddings(check_embedding_ctx_length=False)).",
            )
        if not item:
            raise invalid_value(f"input[{i}]" if isinstance(value, list) else "input", "a text cannot be empty.")
        texts.append(item)
    return tuple(texts)


def _content(text: str) -> Json:
    return {"parts": [{"text": text}]}


def _unit(vector: list[float]) -> list[float]:
    """The vector at length 1, as OpenAI's always are; shortened ones come shorter."""
    norm = math.sqrt(sum(value * value for value in vector))
    if not norm or abs(norm - 1) <= NORM_TOLERANCE:
        return vector
    return [value / norm for value in vector]


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _tokens(answers: Sequence[Json | None], reading: Reading) -> int | None:
    if len(answers) > reading.calls:
        counted = answers[reading.calls]
        return None if counted is None else token_count(counted.get("totalTokens"))
    return sum(token_count(metadata_of(answer or {}).get("promptTokenCount")) for answer in answers)


EMBEDDINGS = Handler(parameters=PARAMETERS, calls=to_gemini, answer=from_gemini, follow_up=count_tokens)
