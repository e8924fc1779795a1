"""reasoning_effort → thinking, in the form the model knows. https://docs.anthropic.com/en/docs/build-with-claude/effort

https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.anthropic_messages.request_state import THINKING
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import ChatRequest

MIN_BUDGET = 1024

_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384}
_LEVELS = {"minimal": "low"}
_ORDER = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Thinking:
    """`thinking` and `effort` as they stand in the body, None when they are left out."""

    thinking: Json | None = None
    effort: str | None = None
    notes: tuple[str, ...] = field(default=())


def to_thinking(chat: ChatRequest, model: ModelInfo, max_tokens: int) -> Thinking:
    """The native form of the effort asked for. Raises RequestRefused for one that the model does not have."""
    effort = chat.reasoning_effort
    if effort is None:
        return Thinking()
    if effort == "none":
        return _off(chat, model)
    if {"thinking:adaptive", "effort:low"} <= model.features:
        return _by_effort(effort, chat, model)
    if "thinking:enabled" in model.features:
        return _by_budget(effort, chat, model, max_tokens)
    raise unsupported_value(chat.param("reasoning_effort"), f"{model.id} does not think.")


def _off(chat: ChatRequest, model: ModelInfo) -> Thinking:
    if "thinking:adaptive" not in model.features:
        return Thinking()
    for kind in ("disabled", "between_tools"):
        if f"thinking:{kind}" in model.features:
            return Thinking({"type": kind})
    raise unsupported_value(chat.param("reasoning_effort"), f"the thinking of {model.id} cannot be switched off.")


def _by_effort(effort: str, chat: ChatRequest, model: ModelInfo) -> Thinking:
    level = _LEVELS.get(effort, effort)
    if f"effort:{level}" not in model.features:
        levels = ", ".join(level for level in _ORDER if f"effort:{level}" in model.features)
        raise unsupported_value(
            chat.param("reasoning_effort"), f"{model.id} does not support '{effort}'. Supported levels: {levels}."
        )
    # Newer models leave thinking text out unless asked for it.
    thinking: Json = {"type": "adaptive", "display": "summarized"}
    return Thinking(thinking, level, () if level == effort else (f"effort:{effort}->{level}",))


def _by_budget(effort: str, chat: ChatRequest, model: ModelInfo, max_tokens: int) -> Thinking:
    budget = _BUDGETS.get(effort)
    if budget is None:
        raise unsupported_value(
            chat.param("reasoning_effort"),
            f"{model.id} does not support '{effort}'. Supported levels: {', '.join(_BUDGETS)}.",
        )
    if max_tokens <= MIN_BUDGET:
        raise RequestRefused(
            f"Thinking takes at least {MIN_BUDGET} tokens of the limit, so it must be greater than that.",
            param=chat.param("max_completion_tokens"),
            code="unsupported_value",
        )
    return Thinking({"type": "enabled", "budget_tokens": fitted_budget(budget, max_tokens), "display": "summarized"})


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


def refuse_with_budget(chat: ChatRequest, thinking: Json | None, tool_choice: Json | None) -> None:
    """What a thinking budget rules out. Raises RequestRefused."""
    if (thinking or {}).get("type") != "enabled":
        return
    if chat.temperature not in (None, 1):
        raise unsupported_value(chat.param("temperature"), "with a thinking budget it can only be 1.")
    if (tool_choice or {}).get("type") in ("any", "tool"):
        path = chat.tool_choice.path if chat.tool_choice else "tool_choice"
        raise unsupported_value(path, "with a thinking budget no tool can be forced.")
