"""reasoning_effort → thinkingConfig. https://ai.google.dev/gemini-api/docs/thinking"""

from __future__ import annotations

from unigate_core.errors import RequestRefused, unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.dropped_values import DroppedValues
from unigate_formats.gemini_generate_content.models import Traits
from unigate_formats.neutral.efforts import nearest_effort
from unigate_formats.neutral.request import ChatRequest


def thinking_config(chat: ChatRequest, traits: Traits, report: DroppedValues, *, drop_unsupported: bool) -> Json | None:
    """The thinkingConfig, None when nothing was asked. Level and budget never go together.

    An effort that the model lacks becomes the nearest, reported in a note, or is refused. Raises RequestRefused.
    """
    effort: str | None = chat.reasoning_effort
    known = traits.levels or tuple(traits.budgets) or ("none",)
    if effort is not None and effort not in known and drop_unsupported:
        nearest = nearest_effort(effort, known)
        report.note(f"effort:{effort}->{nearest}")
        effort = nearest
    thoughts = chat.reasoning_summary is True or (effort not in (None, "none") and chat.reasoning_summary is not False)
    config: Json = {"includeThoughts": True} if thoughts else {}
    if effort is not None:
        budget = _fitted(chat, traits, report, drop_unsupported=drop_unsupported)
        config |= _amount(effort, budget, traits, chat.param("reasoning_effort"))
    return config or None


def _amount(effort: str, budget: int | None, traits: Traits, param: str) -> Json:
    if effort in traits.levels:
        return {"thinkingLevel": effort.upper()}
    if effort in traits.budgets:
        return {"thinkingBudget": budget or traits.budgets[effort]}
    if effort == "none" and not traits.levels and not traits.budgets:
        return {}
    raise _refused(effort, traits, param)


def _fitted(chat: ChatRequest, traits: Traits, report: DroppedValues, *, drop_unsupported: bool) -> int | None:
    """The budget that was asked for, within what the model takes."""
    budget, (least, most) = chat.reasoning_budget, traits.budget_range
    if not budget or not traits.budgets or least <= budget <= most:
        return budget
    if not drop_unsupported:
        raise unsupported_value(
            chat.param("reasoning_effort"), f"this model takes from {least} to {most} tokens to think with."
        )
    fitted = min(max(budget, least), most)
    report.note(budget_note(budget, fitted))
    return fitted


def budget_note(asked: int, sent: int) -> str:
    """The note about another budget than the client's own."""
    return f"thinking_budget:{asked}->{sent}"


def _refused(effort: str, traits: Traits, param: str) -> RequestRefused:
    known = traits.levels or tuple(traits.budgets)
    if not known:
        return unsupported_value(param, "this model does not think.")
    return unsupported_value(param, f"this model does not take '{effort}'. It takes: {', '.join(known)}.")
