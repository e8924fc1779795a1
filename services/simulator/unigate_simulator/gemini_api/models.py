"""`GET /models`, `GET /models/{id}`, https://ai.google.dev/api/models, and what each family can do."""

import re
from dataclasses import dataclass
from typing import Final

from unigate_simulator.gemini_api.errors import refuse
from unigate_simulator.wire import Call, Object, Reply, whole

_FAMILIES: Final = re.compile(r"(gemini-|gemma-|text-embedding-|embedding-|sim)")
_VERSION: Final = re.compile(r"gemini-(\d+(?:\.\d+)?)")
_CHAT: Final = ("generateContent", "countTokens", "createCachedContent", "batchGenerateContent")
_EMBED: Final = ("embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent")


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    display_name: str
    input_tokens: int = 1_048_576
    output_tokens: int = 65_536
    methods: tuple[str, ...] = _CHAT
    thinking: bool = True


MODELS: Final = (
    Model("gemini-2.0-flash", "Gemini 2.0 Flash", output_tokens=8192, thinking=False),
    Model("gemini-2.5-flash", "Gemini 2.5 Flash"),
    Model("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite"),
    Model("gemini-2.5-pro", "Gemini 2.5 Pro"),
    Model("gemini-3-flash-preview", "Gemini 3 Flash Preview"),
    Model("gemini-3-pro-preview", "Gemini 3 Pro Preview"),
    Model("gemini-3.5-flash", "Gemini 3.5 Flash"),
    Model("gemini-2.5-flash-image", "Nano Banana", 32_768, 32_768, thinking=False),
    Model("gemini-3-pro-image-preview", "Nano Banana Pro", 131_072, 32_768),
    Model(
        "gemini-2.5-flash-preview-tts",
        "Gemini 2.5 Flash Preview TTS",
        8192,
        16_384,
        ("generateContent", "countTokens"),
        thinking=False,
    ),
    Model("gemini-3.5-transcribe", "Gemini 3.5 Transcribe", methods=("generateContent", "countTokens"), thinking=False),
    Model("gemini-embedding-001", "Gemini Embedding 001", 2048, 1, _EMBED, thinking=False),
    Model("gemini-embedding-2", "Gemini Embedding 2", 8192, 1, _EMBED, thinking=False),
)


def named_in(call: Call) -> str:
    """`gemini-2.5-flash` for `models/gemini-2.5-flash:generateContent`."""
    return call.path.removeprefix("models/").partition(":")[0] if call.path.startswith("models/") else ""


def checked(call: Call, method: str) -> str:
    """The model in the path. Raises the vendor's refusal when it is unknown or cannot do this."""
    name = named_in(call)
    embeds = "embedding" in name
    able = name.startswith("sim") or method == "countTokens" or embeds == (method == "embedContent")
    if not _FAMILIES.match(name) or not able:
        raise refuse(
            f"models/{name} is not found for API version v1beta, or is not supported for {method}. "
            "Call ListModels to see the "
            "list of available models and their supported methods.",
            404,
        )
    return name


def version(name: str) -> float:
    """3.5 for `gemini-3.5-flash`; 2.5 for names without a number."""
    found = _VERSION.match(name)
    return float(found[1]) if found else 2.5


def thinks(name: str) -> bool:
    plain = not any(kind in name for kind in ("tts", "-image", "embedding", "flash-lite", "-transcribe"))
    return name.startswith("gemini-") and version(name) >= 2.5 and plain


def draws(name: str) -> bool:
    return "-image" in name or "banana" in name


def transcribes(name: str) -> bool:
    return "-transcribe" in name


def speaks(name: str) -> bool:
    return "tts" in name


def listed(call: Call) -> Reply:
    """One page; `pageSize` is 50 unless given, the token is where the next one starts."""
    size, start = int(call.query.get("pageSize", "50")), int(call.query.get("pageToken") or 0)
    page: Object = {"models": [_object(model) for model in MODELS[start : start + size]]}
    if start + size < len(MODELS):
        page["nextPageToken"] = str(start + size)
    return whole(page)


def retrieve(call: Call) -> Reply:
    name = named_in(call)
    found = [model for model in MODELS if model.id == name]
    if not found:
        raise refuse(f"Model is not found: models/{name} for api version v1beta", 404)
    return whole(_object(found[0]))


def _object(model: Model) -> Object:
    answer: Object = {
        "name": f"models/{model.id}",
        "version": "001",
        "displayName": model.display_name,
        "description": f"A stand-in for {model.display_name}",
        "inputTokenLimit": model.input_tokens,
        "outputTokenLimit": model.output_tokens,
        "supportedGenerationMethods": list(model.methods),
        "temperature": 1,
        "topP": 0.95,
        "topK": 64,
        "maxTemperature": 2,
    }
    return answer | {"thinking": True} if model.thinking else answer
