"""`POST /embeddings`, https://platform.openai.com/docs/api-reference/embeddings"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.media import embedding, packed
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import checked
from unigate_simulator.wire import Call, Json, Reply, count, whole

_DIMENSIONS: Final[Mapping[str, int]] = {"text-embedding-3-large": 3072}
_MAX_INPUTS: Final = 2048


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    inputs = _inputs(body.get("input"))
    native = _DIMENSIONS.get(model, 1536)
    dimensions = body.get("dimensions") or native
    if not 1 <= dimensions <= native:
        raise refuse(
            f"Invalid value for 'dimensions' = {dimensions}. Must be less than or equal to {native}.",
            param="dimensions",
        )
    if model == "text-embedding-ada-002" and body.get("dimensions") is not None:
        raise refuse("This model does not support specifying dimensions.", param="dimensions")
    base64 = body.get("encoding_format") == "base64"
    vectors = [embedding(text, dimensions) for text in inputs]
    tokens = sum(count(text) for text in inputs)
    return whole(
        {
            "object": "list",
            "data": [
                {"object": "embedding", "index": index, "embedding": packed(vector) if base64 else vector}
                for index, vector in enumerate(vectors)
            ],
            "model": model,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }
    )


def _inputs(value: Json) -> list[str]:
    """The texts to embed; tokens count as texts of their numbers."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not value:
        raise refuse(
            "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
        )
    if isinstance(value[0], int):
        value = [value]
    if len(value) > _MAX_INPUTS:
        raise refuse(f"Invalid 'input': array too long. Expected at most {_MAX_INPUTS} items.", param="input")
    texts = [one if isinstance(one, str) else " ".join(str(number) for number in one) for one in value]
    if "" in texts:
        raise refuse("Invalid 'input': input cannot be an empty string.", param="input")
    return texts
