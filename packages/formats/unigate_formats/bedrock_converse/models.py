"""What the models at Bedrock can do, by family, and how Bedrock lists them.

Features: `structured_outputs`; `system` (system messages); `tool_choice` (a tool can be forced); `top_k:<where>` names
the member of `additionalModelRequestFields`; `reasoning:<form>` how an effort is asked for.

https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

from msgspec.structs import replace

from unigate_core.counts import members
from unigate_core.json import Json
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import TEXT_OPERATIONS, Operation

_TEXT = frozenset({"system", "tool_choice"})
_SCHEMA = frozenset({"structured_outputs"})


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FAMILIES: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = tuple(
    (re.compile(pattern), features)
    for pattern, features in (
        (r"anthropic\.claude-(sonnet|opus|haiku)-4-[5-9]", _TEXT | _SCHEMA | _words("top_k:top_k reasoning:claude")),
        (r"anthropic\.claude-(3-7|sonnet-4|opus-4)", _TEXT | _words("top_k:top_k reasoning:claude")),
        (r"anthropic\.", _TEXT | _words("top_k:top_k")),
        (r"amazon\.nova-2", _TEXT | _words("top_k:inferenceConfig reasoning:nova")),
        (r"amazon\.nova", _TEXT | _words("top_k:inferenceConfig")),
        (r"amazon\.titan-text", frozenset()),
        (r"openai\.gpt-oss", _words("system structured_outputs reasoning:effort")),
        (r"qwen\.|minimax\.|moonshot|nvidia\.|google\.gemma", _words("system structured_outputs")),
        (r"deepseek\.v3", _words("system structured_outputs")),
        (r"mistral\.(mistral-7b|mixtral)", _words("top_k:top_k")),
        (r"mistral\.(magistral|ministral|voxtral)", _TEXT | _SCHEMA),
        (r"mistral\.", _TEXT | _words("top_k:top_k")),
        (r"cohere\.command-(text|light)", frozenset()),
        (r"cohere\.command-r", _words("system top_k:k")),
    )
)
_UNKNOWN = frozenset({"system"})

_MODALITIES = {"TEXT": "text", "IMAGE": "image", "SPEECH": "audio", "VIDEO": "video"}
PAGE = "foundation-models"
PROFILES = "inference-profiles?maxResults=1000"


def overlay(model: ModelInfo) -> ModelInfo:
    """The model with what is known of its family. Idempotent."""
    family = next((features for pattern, features in _FAMILIES if pattern.search(model.id)), _UNKNOWN)
    return replace(
        model,
        display_name=model.display_name or model.id,
        owned_by=model.owned_by or _owner(model.id),
        operations=model.operations or TEXT_OPERATIONS,
        features=model.features | family,
    )


def top_k_member(model: ModelInfo) -> str:
    """Where the model takes `top_k`, empty: nowhere."""
    return next((word.partition(":")[2] for word in model.features if word.startswith("top_k:")), "")


def parse_models(page: Json) -> tuple[Sequence[ModelInfo], str | None]:
    """The models of ListFoundationModels or of ListInferenceProfiles, and the path of the next page."""
    if "modelSummaries" in page:
        return [_model(item) for item in page["modelSummaries"] if isinstance(item, dict)], PROFILES
    profiles = page.get("inferenceProfileSummaries") or []
    models = [_profile(item) for item in profiles if isinstance(item, dict) and item.get("inferenceProfileId")]
    token = page.get("nextToken")
    return models, f"{PROFILES}&nextToken={quote(token)}" if isinstance(token, str) and token else None


def _model(item: Json) -> ModelInfo:
    return ModelInfo(
        id=str(item.get("modelId") or ""),
        display_name=str(item.get("modelName") or ""),
        owned_by=str(item.get("providerName") or "").lower(),
        input_modalities=_modalities(item.get("inputModalities")),
        output_modalities=_modalities(item.get("outputModalities")),
        operations=(Operation.EMBEDDINGS,) if "EMBEDDING" in (item.get("outputModalities") or ()) else (),
    )


def _profile(item: Json) -> ModelInfo:
    name = str(item["inferenceProfileId"])
    first = members(next(iter(item.get("models") or ()), None)).get("modelArn") or ""
    return ModelInfo(
        id=name,
        display_name=str(item.get("inferenceProfileName") or ""),
        owned_by=_owner(str(first).rpartition("/")[2] or name),
    )


def _modalities(value: object) -> tuple[str, ...]:
    return tuple(_MODALITIES[each] for each in value if each in _MODALITIES) if isinstance(value, list) else ()


def _owner(model: str) -> str:
    """`us.anthropic.claude-…` → `anthropic`."""
    parts = model.rpartition("/")[2].split(".")
    return parts[1] if len(parts) > 2 and len(parts[0]) <= 6 and parts[0] in _REGIONS else parts[0]


_REGIONS = frozenset({"us", "eu", "apac", "global", "jp", "au", "ca", "us-gov"})
