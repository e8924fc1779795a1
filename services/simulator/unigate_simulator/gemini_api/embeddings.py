"""`:embedContent`, `:batchEmbedContents`, https://ai.google.dev/api/embeddings"""

from typing import Final

from unigate_simulator.gemini_api.errors import CONTENT_TYPE, refuse
from unigate_simulator.gemini_api.models import checked
from unigate_simulator.gemini_api.rules import camelled
from unigate_simulator.media import embedding
from unigate_simulator.wire import Call, Object, Reply, Whole, count, dumps, joined

_DIMENSIONS: Final = 3072
_MAX_REQUESTS: Final = 100
_SHORTENED: Final = 0.7
"""Length of a vector of gemini-embedding-001 with fewer dimensions: only the full one comes normalised."""


def embed(call: Call) -> Reply:
    model = checked(call, "embedContent")
    request = camelled(call.json())
    return _reply({"embedding": _vector(request, model)}, [request], model)


def embed_batch(call: Call) -> Reply:
    model = checked(call, "embedContent")
    requests = camelled(call.json()).get("requests") or []
    if not requests:
        raise refuse("* BatchEmbedContentsRequest.requests: requests must not be empty\n")
    if len(requests) > _MAX_REQUESTS:
        raise refuse("* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n")
    for number, request in enumerate(requests):
        if request.get("model") != f"models/{model}":
            raise refuse(f"* BatchEmbedContentsRequest.requests[{number}].model: model must match the one in the URL\n")
    return _reply({"embeddings": [_vector(request, model) for request in requests]}, requests, model)


def _text(request: Object) -> str:
    return joined(part.get("text") or "" for part in (request.get("content") or {}).get("parts") or [])


def _vector(request: Object, model: str) -> Object:
    if not (request.get("content") or {}).get("parts"):
        raise refuse("* EmbedContentRequest.content: content is empty\n")
    dimensions = request.get("outputDimensionality") or _DIMENSIONS
    if not 1 <= dimensions <= _DIMENSIONS:
        raise refuse(f"output_dimensionality must be between 1 and {_DIMENSIONS}.")
    length = _SHORTENED if model == "gemini-embedding-001" and dimensions != _DIMENSIONS else 1.0
    return {"values": [value * length for value in embedding(dumps(request["content"]).decode(), dimensions)]}


def _reply(body: Object, requests: list[Object], model: str) -> Reply:
    if model == "gemini-embedding-2":
        tokens = sum(count(_text(request)) + 1 for request in requests)
        details = [{"modality": "TEXT", "tokenCount": tokens}]
        body = {**body, "usageMetadata": {"promptTokenCount": tokens, "promptTokenDetails": details}}
    return Whole(dumps(body), content_type=CONTENT_TYPE)
