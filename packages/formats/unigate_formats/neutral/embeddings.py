"""What all embeddings by translation have in common: the texts of a request, and OpenAI's list of vectors.

https://platform.openai.com/docs/api-reference/embeddings
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence

import msgspec

from unigate_core.errors import UpstreamProtocol, invalid_value
from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.token_ids import decode, is_ids
from unigate_formats.neutral.translation import Context, OperationResult

MAX_INPUTS = 2048
NORM_TOLERANCE = 1e-3
DECODED = "token_ids_decoded"


class EmbeddingRequest(msgspec.Struct, frozen=True):
    """What the answer needs to know of a request. `public` is the client's name of the model."""

    texts: tuple[str, ...]
    public: str
    as_base64: bool
    notes: tuple[str, ...]


def embedding_request(body: Json, context: Context) -> EmbeddingRequest:
    """Read OpenAI's request. Raises RequestRefused."""
    given = body.get("input")
    return EmbeddingRequest(
        texts=texts_of(given),
        public=f"{context.provider}/{body['model']}",
        as_base64=body.get("encoding_format") == "base64",
        notes=notes_of(given),
    )


def texts_of(value: object) -> tuple[str, ...]:
    """The texts of `input`; token ids are decoded. Raises RequestRefused."""
    items = [value] if isinstance(value, str) or is_ids(value) else value
    if not isinstance(items, list) or not items:
        raise invalid_value("input", "it needs at least one text.")
    if len(items) > MAX_INPUTS:
        raise invalid_value("input", f"it can have at most {MAX_INPUTS} texts.")
    texts = []
    for i, item in enumerate(items):
        if not isinstance(item, str):
            item = _decoded(item)  # noqa: PLW2901
        if not item:
            raise invalid_value(f"input[{i}]" if isinstance(value, list) else "input", "a text cannot be empty.")
        texts.append(item)
    return tuple(texts)


def notes_of(value: object) -> tuple[str, ...]:
    """The notes on `input` when it was changed on its way."""
    some = value[0] if isinstance(value, list) and value else None
    return () if some is None or isinstance(some, str) else (DECODED,)


def _decoded(ids: object) -> str:
    text = decode(ids) if isinstance(ids, list) and is_ids(ids) else None
    if text is None:
        raise invalid_value(
            "input",
            "it is neither text nor token ids of the encoding cl100k_base; send text "
            "(LangChain: OpenAIEmbeddings(check_embedding_ctx_length=False)).",
        )
    return text


def embedding_list(
    vectors: Sequence[Sequence[float]], asked: EmbeddingRequest, *, tokens: int | None
) -> OperationResult:
    """OpenAI's list. `tokens` None: the vendor did not report it.

    Raises UpstreamProtocol when there is not a vector for each text: those after a gap would be another's.
    """
    check_vectors(vectors, len(asked.texts))
    data = [
        {"object": "embedding", "index": i, "embedding": _base64(unit(vector)) if asked.as_base64 else unit(vector)}
        for i, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens or 0, "total_tokens": tokens or 0}
    return OperationResult(
        body=dumps({"object": "list", "data": data, "model": asked.public, "usage": usage}),
        usage=Usage(input=tokens or 0, total=tokens or 0),
        notes=asked.notes if tokens is not None else (*asked.notes, "usage_unavailable"),
    )


def check_vectors(vectors: Sequence[Sequence[float]], count: int) -> None:
    """Raises UpstreamProtocol when there is not a vector for each of `count` texts."""
    if len(vectors) != count or not all(vectors):
        given = sum(1 for vector in vectors if vector)
        raise UpstreamProtocol(f"The provider's answer has {given} embeddings for {count} texts.")


def unit(vector: Sequence[float]) -> Sequence[float]:
    """The vector at length 1, as OpenAI's always are; shortened ones come shorter."""
    norm = math.hypot(*vector)
    if not norm or abs(norm - 1) <= NORM_TOLERANCE:
        return vector
    return [value / norm for value in vector]


def _base64(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
