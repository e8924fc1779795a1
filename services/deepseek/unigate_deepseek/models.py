"""DeepSeek's model list → ModelInfo. https://api-docs.deepseek.com/api/list-models"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from unigate_core.json import Json
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import TEXT_OPERATIONS

CONTEXT_WINDOW = 1_000_000
FEATURES = frozenset({"thinking", "json_object", "effort:low", "effort:high", "effort:max"})


def parse_models(body: Json) -> tuple[Sequence[ModelInfo], str | None]:
    """The models of the one page there is."""
    models = [
        ModelInfo(
            id=item["id"],
            created=int(item.get("created") or 0),
            owned_by=item.get("owned_by") or "deepseek",
            operations=TEXT_OPERATIONS,
        )
        for item in body.get("data") or []
    ]
    return models, None


def overlay(model: ModelInfo) -> ModelInfo:
    """What the list does not say. https://api-docs.deepseek.com/quick_start/pricing"""
    return replace(
        model,
        context_window=model.context_window or CONTEXT_WINDOW,
        input_modalities=("text",),
        output_modalities=("text",),
        features=model.features | FEATURES,
    )


MODELS = ModelListing(path="models", parse=parse_models, overlay=overlay)
