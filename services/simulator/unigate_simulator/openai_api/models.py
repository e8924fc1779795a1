"""`GET /models`, `GET /models/{id}`, https://platform.openai.com/docs/api-reference/models"""

import re
from collections.abc import Mapping
from typing import Final

from unigate_simulator.openai_api.errors import not_found, refuse
from unigate_simulator.wire import Call, Object, Reply, whole

_CREATED: Final[Mapping[str, int]] = {
    "gpt-3.5-turbo": 1677610602,
    "gpt-3.5-turbo-instruct": 1692901427,
    "gpt-4o": 1715367049,
    "gpt-4o-mini": 1721172741,
    "gpt-4.1": 1744316542,
    "gpt-4.1-mini": 1744318173,
    "gpt-4.1-nano": 1744321707,
    "gpt-5": 1754425777,
    "gpt-5-mini": 1754425928,
    "gpt-5-nano": 1754426384,
    "o4-mini": 1744225351,
    "text-embedding-3-small": 1705948997,
    "text-embedding-3-large": 1705953180,
    "text-embedding-ada-002": 1671217299,
    "gpt-image-1": 1745517030,
    "gpt-image-1.5": 1765400000,
    "dall-e-2": 1698798177,
    "dall-e-3": 1698785189,
    "whisper-1": 1677532384,
    "gpt-4o-transcribe": 1742068463,
    "gpt-4o-mini-transcribe": 1742068596,
    "gpt-4o-transcribe-diarize": 1750798887,
    "tts-1": 1681940951,
    "tts-1-hd": 1699046015,
    "gpt-4o-mini-tts": 1742403959,
    "omni-moderation-latest": 1731689265,
}
_FAMILIES: Final = re.compile(
    r"(ft:)?(gpt-|chatgpt-|o[1-9]|codex-|computer-use-|text-|dall-e-|whisper-|tts-|omni-moderation|davinci-|babbage-|sim)"
)
_REASONING: Final = re.compile(r"(ft:)?(o[1-9](?![a-z])|gpt-5(?!.*chat))")


def known(model: str) -> bool:
    return bool(_FAMILIES.match(model))


def reasons(model: str) -> bool:
    return bool(_REASONING.match(model))


def checked(body: Object, *, default: str | None = None) -> str:
    """The model of a request. Raises the vendor's refusal when it is missing or unknown."""
    model = body.get("model") or default
    if not isinstance(model, str):
        raise refuse("you must provide a model parameter")
    if not known(model):
        raise not_found(model)
    return model


def listed(_call: Call) -> Reply:
    return whole({"object": "list", "data": [_model(name) for name in _CREATED]})


def retrieve(call: Call) -> Reply:
    name = call.path.removeprefix("models/")
    if not known(name):
        raise refuse(f"The model '{name}' does not exist", param="model", code="model_not_found", status=404)
    return whole(_model(name))


def _model(name: str) -> Object:
    return {"id": name, "object": "model", "created": _CREATED.get(name, 1700000000), "owned_by": "system"}
