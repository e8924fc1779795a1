"""InvokeModel: Claude in Anthropic's own format, and the models for embeddings and images.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from unigate_simulator.anthropic_api import messages
from unigate_simulator.bedrock_api.errors import error, refuse
from unigate_simulator.bedrock_api.event_stream import CONTENT_TYPE, event
from unigate_simulator.media import b64, embedding, picture
from unigate_simulator.wire import Call, Object, RefusedError, Reply, Stream, Whole, count, dumps, loads, whole

VERSION: Final = "bedrock-2023-05-31"
_BETAS: Final = frozenset(["context-1m-2025-08-07", "context-management-2025-06-27", "interleaved-thinking-2025-05-14"])
"""Those that are known here; a cloud knows some of Anthropic's, each in its own time."""
_REVISION: Final = re.compile(r"(-v\d+)?(:\d+)?$")
_DATA: Final = re.compile(rb"^data: (.*)$", re.MULTILINE)


def invoke(call: Call, model: str, *, streamed: bool = False) -> Reply:
    if "anthropic." in model:
        return claude(call, model, streamed=streamed)
    body = call.json()
    if "titan-embed" in model:
        text = str(body.get("inputText") or "")
        vector = embedding(text, body.get("dimensions") or 1024)
        return whole({"embedding": vector, "inputTextTokenCount": count(text)})
    if "cohere.embed" in model:
        return _cohere(body)
    if "multimodal-embeddings" in model:
        asked: Object = body.get("singleEmbeddingParams") or {}
        vector = embedding(asked["text"]["value"], asked.get("embeddingDimension") or 3072)
        return _counted({"embeddings": [{"embeddingType": "TEXT", "embedding": vector}]}, asked["text"]["value"])
    if "canvas" in model or "titan-image" in model:
        config: Object = body.get("imageGenerationConfig") or {}
        size = config.get("width", 64), config.get("height", 64)
        drawn = b64(picture(body["textToImageParams"]["text"], size))
        return whole({"images": [drawn] * config.get("numberOfImages", 1)})
    if "stability." in model:
        return whole({"images": [b64(picture(body["prompt"]))], "finish_reasons": [None], "seeds": [0]})
    raise refuse("The provided model identifier is invalid.")


def claude(call: Call, model: str, *, streamed: bool) -> Reply:
    """The answer that Anthropic's own API would give, in Bedrock's frames."""
    body = call.json()
    if body.pop("anthropic_version", None) != VERSION:
        raise refuse("anthropic_version: Field required")
    if body.keys() & {"model", "stream"}:
        raise refuse("stream: Extra inputs are not permitted")
    if not _BETAS.issuperset(body.pop("anthropic_beta", None) or ()):
        raise refuse("The model returned the following errors: invalid beta flag")
    for number, tool in enumerate(body.get("tools") or ()):
        for member in ("eager_input_streaming", "input_examples"):
            if member in tool:
                raise refuse(f"tools.{number}.custom.{member}: Extra inputs are not permitted")
    name = _REVISION.sub("", model.rpartition("anthropic.")[2])
    try:
        reply = messages.create(replace(call, body=dumps({**body, "model": name, "stream": streamed})))
    except RefusedError as refused:
        answer = loads(refused.reply.body)["error"]["message"]
        raise RefusedError(error(refused.reply.status, answer)) from refused
    if isinstance(reply, Whole):
        return reply
    return Stream(tuple(_framed(reply)), content_type=CONTENT_TYPE)


def count_tokens(call: Call, model: str, body: Object) -> int:
    """What Anthropic's own counter would tell of the body."""
    name = _REVISION.sub("", model.rpartition("anthropic.")[2])
    counted = {key: value for key, value in body.items() if key not in ("anthropic_version", "anthropic_beta")}
    reply = messages.count_tokens(replace(call, body=dumps({**counted, "model": name})))
    assert isinstance(reply, Whole)  # noqa: S101 - a count comes whole
    return int(loads(reply.body)["input_tokens"])


def _framed(reply: Stream) -> Iterator[bytes]:
    for server_sent in reply.events:
        found = _DATA.search(server_sent)
        if found is not None and b'"ping"' not in found[1]:
            yield event("chunk", {"bytes": b64(found[1])})


def _cohere(body: Object) -> Reply:
    if not body.get("input_type"):
        raise refuse("input_type: required")
    texts = body["texts"]
    vectors = [embedding(text, body.get("output_dimension") or 1024) for text in texts]
    found = {"float": vectors} if body.get("embedding_types") else vectors
    kind = "embeddings_by_type" if body.get("embedding_types") else "embeddings_floats"
    return _counted({"embeddings": found, "id": "sim", "response_type": kind, "texts": texts}, " ".join(texts))


def _counted(answer: Object, text: str) -> Whole:
    return whole(answer, x_amzn_bedrock_input_token_count=str(count(text)))
