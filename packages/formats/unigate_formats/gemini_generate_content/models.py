"""Gemini's model list → ModelInfo, and what its model names say. https://ai.google.dev/api/models

The list says limits and methods, but neither thinking levels nor what a generation can combine; those stand here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from unigate_core.json import Json
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import TEXT_OPERATIONS, Operation

PAGE_SIZE = 1000

ALL_LEVELS = ("minimal", "low", "medium", "high")
LEVELS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"gemini-3-pro"), ("low", "high")),
    (re.compile(r"gemini-(?:[3-9]|\d\d)[\d.]*-pro"), ("low", "medium", "high")),
)
"""Thinking levels of generation 3 and later, first match; every other model has ALL_LEVELS.

https://ai.google.dev/gemini-api/docs/thinking"""

BUDGETS: tuple[tuple[re.Pattern[str], dict[str, int]], ...] = (
    (re.compile(r"gemini-2\.5-pro"), {"minimal": 128, "low": 1024, "medium": 8192, "high": 24576}),
    (re.compile(r"gemini-2\.5-"), {"none": 0, "minimal": 512, "low": 1024, "medium": 8192, "high": 24576}),
)
"""Thinking budgets of generation 2.5, the numbers that Google's own OpenAI layer uses."""

BUDGET_RANGES: tuple[tuple[re.Pattern[str], tuple[int, int]], ...] = (
    (re.compile(r"gemini-2\.5-pro"), (128, 32768)),
    (re.compile(r"gemini-2\.5-flash-lite"), (512, 24576)),
    (re.compile(r"gemini-2\.5-"), (1, 24576)),
)
"""The least and the most that each takes, but for 0."""

NEWEST, OLD = (99, 0), (2, 0)

_VERSION = re.compile(r"(?:gemini|nano-banana)(?:-[a-z]+)*-(\d+)(?:\.(\d+))?")
_METHODS = {
    "generateContent": TEXT_OPERATIONS,
    "embedContent": (Operation.EMBEDDINGS,),
    "batchEmbedContents": (Operation.EMBEDDINGS,),
}


class Traits(msgspec.Struct, frozen=True):
    """What the model's generation can do. `levels` and `budgets` hold the efforts that can be asked for.

    `budget_range` are the least and the most tokens to think with, where the model takes a number.
    """

    generation: int
    levels: tuple[str, ...]
    budgets: dict[str, int]
    budget_range: tuple[int, int] = (0, 0)

    @property
    def is_third(self) -> bool:
        """Generation 3 or later: thought signatures are required, tools combine with everything."""
        return self.generation >= 3


def traits_of(model: str) -> Traits:
    """What the model's name says. A name without a version counts as the newest generation, Gemma as an old one."""
    name = model.rsplit("/", 1)[-1]
    generation = version_of(model)[0]
    if generation >= 3:
        levels = next((levels for pattern, levels in LEVELS if pattern.match(name)), ALL_LEVELS)
        return Traits(generation=generation, levels=levels, budgets={})
    budgets = next((budgets for pattern, budgets in BUDGETS if pattern.match(name)), {})
    within = next((within for pattern, within in BUDGET_RANGES if pattern.match(name)), (0, 0))
    return Traits(generation=generation, levels=(), budgets=budgets, budget_range=within)


def version_of(model: str) -> tuple[int, int]:
    """The model's version, according to its name."""
    name = model.rsplit("/", 1)[-1]
    if name.startswith("gemma"):
        return OLD
    match = _VERSION.match(name)
    return (int(match[1]), int(match[2] or 0)) if match else NEWEST


def model_path(model: str) -> str:
    """The model's resource name as a URL path."""
    kind, slash, name = model.partition("/")
    if slash and kind in ("models", "tunedModels"):
        return f"{kind}/{quote(name, safe='')}"
    return f"models/{quote(model, safe='')}"


def parse_models(page: Json) -> tuple[Sequence[ModelInfo], str | None]:
    """The models of one page, and the path of the next page or None."""
    models = [_model(item) for item in page.get("models") or []]
    token = page.get("nextPageToken")
    return models, f"models?pageSize={PAGE_SIZE}&pageToken={quote(token, safe='')}" if token else None


def overlay(model: ModelInfo) -> ModelInfo:
    """Add what the list lacks: the efforts that the model takes, and the operations that its kind serves."""
    traits = traits_of(model.id)
    efforts = traits.levels or tuple(traits.budgets)
    features = model.features | {f"effort:{effort}" for effort in efforts} | {"structured_outputs"}
    return replace(model, features=features, operations=_operations_of_kind(model))


def _model(item: Json) -> ModelInfo:
    methods = item.get("supportedGenerationMethods") or []
    operations = dict.fromkeys(operation for method in methods for operation in _METHODS.get(method, ()))
    return ModelInfo(
        id=item["name"].removeprefix("models/"),
        display_name=item.get("displayName") or "",
        owned_by="google",
        context_window=item.get("inputTokenLimit") or 0,
        max_output_tokens=item.get("outputTokenLimit") or 0,
        operations=tuple(operations),
        features=frozenset({"thinking"} if item.get("thinking") else ()),
    )


def _operations_of_kind(model: ModelInfo) -> tuple[Operation, ...]:
    if Operation.CHAT not in model.operations:
        return model.operations
    if "-tts" in model.id:
        return (Operation.AUDIO_SPEECH,)
    if "-transcribe" in model.id:
        return (Operation.AUDIO_TRANSCRIPTIONS,)
    if "image" in model.id or "banana" in model.id:
        return (*model.operations, Operation.IMAGES_GENERATIONS, Operation.IMAGES_EDITS)
    return (*model.operations, Operation.AUDIO_TRANSCRIPTIONS)


MODELS = ModelListing(path=f"models?pageSize={PAGE_SIZE}", parse=parse_models, overlay=overlay)
