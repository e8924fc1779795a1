"""reasoning_effort → thinking, in the form the model knows. https://docs.anthropic.com/en/docs/build-with-claude/effort

https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.efforts import EFFORTS
from unigate_formats.anthropic_messages.request_state import THINKING
from unigate_formats.neutral.efforts import nearest_effort
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest

MIN_BUDGET = 1024

_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
_LEVELS = {"minimal": "low"}
_OFF_KINDS = frozenset({"thinking:disabled", "thinking:between_tools"})


class Thinking(msgspec.Struct, frozen=True):
    """`thinking` and `effort` as they stand in the body, None when they are left out."""

    thinking: Json | None = None
    effort: str | None = None
    notes: tuple[str, ...] = ()


def to_thinking(chat: ChatRequest, model: ModelInfo, max_tokens: int, *, drop_unsupported: bool = False) -> Thinking:
    """The native form of the effort asked for, or the nearest that the model has, reported in a note.

    Raises RequestRefused for one that it does not have where nothing may be changed.
    """
    asked = chat.reasoning_effort
    if asked is None:
        return Thinking()
    efforts = _efforts(model, max_tokens)
    effort = _LEVELS.get(asked, asked) if _has_levels(model) else asked
    notes = () if effort == asked else (f"effort:{asked}->{effort}",)
    if effort not in efforts:
        if not drop_unsupported:
            raise _refused(chat, model, efforts, max_tokens)
        effort = nearest_effort(effort, efforts)
        notes = (f"effort:{asked}->{effort}",)
    if effort == "none":
        return Thinking(_off(model), None, notes)
    if _has_levels(model):
        # Newer models leave thinking text out unless asked for it.
        return Thinking({"type": "adaptive", "display": "summarized"}, effort, notes)
    budget = fitted_budget(chat.reasoning_budget or _BUDGETS[effort], max_tokens)
    return Thinking({"type": "enabled", "budget_tokens": budget, "display": "summarized"}, None, notes)


def _has_levels(model: ModelInfo) -> bool:
    return {"thinking:adaptive", "effort:low"} <= model.features


def _efforts(model: ModelInfo, max_tokens: int) -> tuple[str, ...]:
    """The efforts that can be asked of the model, from the least."""
    off = _OFF_KINDS & model.features or "thinking:adaptive" not in model.features
    none = ("none",) if off else ()
    if _has_levels(model):
        return (*none, *(level for level in EFFORTS if f"effort:{level}" in model.features))
    if "thinking:enabled" in model.features and max_tokens > MIN_BUDGET:
        return (*none, *_BUDGETS)
    return none


def _off(model: ModelInfo) -> Json | None:
    if "thinking:adaptive" not in model.features:
        return None
    return {"type": "disabled" if "thinking:disabled" in model.features else "between_tools"}


def _refused(chat: ChatRequest, model: ModelInfo, efforts: Sequence[str], max_tokens: int) -> RequestRefused:
    param, effort = chat.param("reasoning_effort"), chat.reasoning_effort
    if effort == "none":
        return unsupported_value(param, f"the thinking of {model.id} cannot be switched off.")
    if "thinking:enabled" in model.features and max_tokens <= MIN_BUDGET:
        return RequestRefused(
            f"Thinking takes at least {MIN_BUDGET} tokens of the limit, so it must be greater than that.",
            param=chat.param("max_completion_tokens"),
            code="unsupported_value",
        )
    levels = [level for level in efforts if level != "none"]
    if not levels:
        return unsupported_value(param, f"{model.id} does not think.")
    return unsupported_value(param, f"{model.id} does not support '{effort}'. Supported levels: {', '.join(levels)}.")


def fitted_budget(budget: int, max_tokens: int) -> int:
    """The budget, or most of max_tokens when that is less: it counts in max_tokens and must stay below."""
    return budget if budget < max_tokens else max(MIN_BUDGET, max_tokens * 4 // 5)


def loop_lacks_thoughts(messages: Sequence[Json]) -> bool:
    """Whether the tool loop at the end began without thinking, which `enabled` does not allow.

    https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#extended-thinking-with-tool-use
    """
    loop: list[Json] = []
    for message in reversed(messages):
        if message["role"] == "assistant":
            loop.append(message)
        elif message["role"] == "user" and not any(block["type"] == "tool_result" for block in message["content"]):
            break
    return bool(loop) and loop[-1]["content"][0]["type"] not in THINKING


def thinking_conflict(chat: ChatRequest, native: Json, *, emulated: bool) -> RequestRefused | None:
    """What in the request rules out that the model thinks: a forced tool, or an answer that has begun already."""
    budget = native["thinking"]["type"] == "enabled"
    if budget and native["messages"][-1]["role"] == "assistant":
        return unsupported_value(
            "messages", "they cannot end with an assistant message when there is a thinking budget."
        )
    if (native.get("tool_choice") or {}).get("type") not in ("any", "tool"):
        return None
    if emulated and chat.response_format:
        return unsupported_value(chat.response_format.path, "this model has no JSON mode while it thinks.")
    path = chat.tool_choice.path if chat.tool_choice else "tool_choice"
    return unsupported_value(path, "no tool can be forced while the model thinks.")
