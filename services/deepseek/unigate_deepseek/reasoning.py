"""Thinking: how it is asked for, and how earlier thoughts find their way back. https://api-docs.deepseek.com/guides/thinking_mode

DeepSeek answers 400 when, while it thinks, a message with tool calls comes back without its `reasoning_content`; an
empty one is accepted. Without thinking the field must not be there.
"""

from __future__ import annotations

from unigate_core.json import Json
from unigate_formats.neutral.request import ChatRequest, ThoughtPart, ToolCallPart, Turn
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.profile import Reasoning

FORMAT = "deepseek-v1"
READABLE = frozenset({FORMAT, "text"})
"""Thoughts that may be DeepSeek's: its own, and those of clients that keep the text alone."""
PLAIN_MODELS = frozenset({"deepseek-chat"})
"""Names of models that think only when they are asked to."""


def thinking(chat: ChatRequest, context: Context) -> Reasoning:
    """The fields that ask for thinking, or for none; DeepSeek itself maps the efforts that it does not have."""
    del context
    if chat.reasoning_effort is None:
        return Reasoning({"thinking": {"type": "enabled"}} if chat.reasoning_summary else {})
    if chat.reasoning_effort == "none":
        return Reasoning({"thinking": {"type": "disabled"}})
    return Reasoning({"thinking": {"type": "enabled"}, "reasoning_effort": chat.reasoning_effort})


def thinks(chat: ChatRequest) -> bool:
    """Whether the model will think."""
    match chat.provider_options.get("thinking"):
        case {"type": str(kind)}:
            return kind != "disabled"
    if chat.reasoning_effort is not None:
        return chat.reasoning_effort != "none"
    if chat.reasoning_summary:
        return True
    return chat.model not in PLAIN_MODELS


def thoughts(chat: ChatRequest, turn: Turn, context: Context, *, called: bool) -> Json:
    """What a message says of its thoughts: they are required from the first tool call on, while the model thinks."""
    if not thinks(chat):
        return {}
    text = earlier_reasoning(turn, context)
    if text is None:
        return {"reasoning_content": ""} if called else {}
    return {"reasoning_content": text}


def earlier_reasoning(turn: Turn, context: Context) -> str | None:
    """What the model thought in an earlier turn, None when it was not kept.

    What the client sent back comes first, then what the gateway kept for the turn's tool calls.
    """
    thoughts = [part.text for part in turn.parts if isinstance(part, ThoughtPart) and part.format in READABLE]
    if thoughts:
        return "".join(thoughts)
    for part in turn.parts:
        if isinstance(part, ToolCallPart) and part.id in context.replay:
            return context.replay[part.id].decode(errors="replace")
    return None
