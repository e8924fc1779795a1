"""reasoning_effort → the member of `additionalModelRequestFields` by which a family is asked to think.

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-reasoning.html
"""

from __future__ import annotations

from collections.abc import Sequence

from unigate_core.errors import unsupported_value
from unigate_core.json import Json
from unigate_formats.neutral.efforts import nearest_effort
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest

_LEVELS: dict[str, Sequence[str]] = {
    "claude": ("none", "minimal", "low", "medium", "high"),
    "nova": ("none", "low", "medium", "high"),
    "effort": ("low", "medium", "high"),
}
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}


def to_reasoning(chat: ChatRequest, model: ModelInfo, *, drop_unsupported: bool) -> tuple[Json, list[str], list[str]]:
    """The fields, what was dropped, and notes. Raises RequestRefused."""
    asked = chat.reasoning_effort
    if asked is None:
        return {}, [], []
    form = next((word.partition(":")[2] for word in model.features if word.startswith("reasoning:")), "")
    levels = _LEVELS.get(form, ())
    if not levels and asked == "none":
        return {}, [], []
    param = chat.param("reasoning_effort")
    if asked not in levels and not drop_unsupported:
        known = ", ".join(level for level in levels if level != "none")
        raise unsupported_value(param, f"{model.id} supports: {known}." if known else f"{model.id} does not think.")
    if not levels:
        return {}, [param], []
    effort = asked if asked in levels else nearest_effort(asked, levels)
    notes = [] if effort == asked else [f"effort:{asked}->{effort}"]
    if effort == "none":
        return {}, [], notes
    return _fields(form, effort, chat), [], notes


def _fields(form: str, effort: str, chat: ChatRequest) -> Json:
    if form == "effort":
        return {"reasoning_effort": effort}
    if form == "nova":
        return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}}
    budget = chat.reasoning_budget or _BUDGETS[effort]
    if chat.max_tokens is not None and budget >= chat.max_tokens:
        budget = max(1024, chat.max_tokens * 4 // 5)
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}
