"""OpenAI's own models, for chats that come in another vendor's format. https://platform.openai.com/docs/models"""

from __future__ import annotations

import re
from typing import NamedTuple

from unigate_formats.neutral.efforts import nearest_effort
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.request import ChatRequest
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.profile import ChatProfile, Reasoning


class _Family(NamedTuple):
    """Models whose names match, and the efforts that they take; none: they don't reason."""

    pattern: re.Pattern[str]
    efforts: tuple[str, ...]


_FAMILIES = tuple(
    _Family(re.compile(pattern), tuple(efforts.split()))
    for pattern, efforts in (
        (r"gpt-5[\d.]*-chat|chatgpt-|gpt-[34]", ""),
        (r"gpt-5-pro", "high"),
        (r"gpt-5(?![.\d])", "minimal low medium high"),
        (r"gpt-5\.1-codex", "low medium high"),
        (r"gpt-5\.1", "none low medium high"),
        (r"gpt-\d", "none low medium high xhigh"),
        (r"o\d", "low medium high"),
    )
)
"""The first that matches. https://platform.openai.com/docs/guides/reasoning"""


def reasoning(chat: ChatRequest, context: Context) -> Reasoning:
    """The effort, or the nearest that the model has; models that reason take no sampling parameters."""
    del context
    name = chat.model.removeprefix("ft:")
    family = next((family for family in _FAMILIES if family.pattern.match(name)), None)
    efforts = family.efforts if family else ()
    asked = chat.reasoning_effort
    if asked is None:
        return Reasoning(fixed_sampling=bool(efforts))
    if not efforts:
        return Reasoning(notes=() if asked == "none" else (f"effort:{asked}->none",))
    effort = asked if asked in efforts else nearest_effort(asked, efforts)
    notes = () if effort == asked else (f"effort:{asked}->{effort}",)
    return Reasoning({"reasoning_effort": effort}, notes, fixed_sampling=effort != "none")


OPENAI = ChatProfile(name="openai", title="OpenAI", reasoning=reasoning)

_KNOWN = (
    "frequency_penalty", "logprobs", "max_completion_tokens", "n", "parallel_tool_calls", "presence_penalty",
    "reasoning_effort", "response_format", "seed", "service_tier", "stop", "temperature", "top_logprobs", "top_p",
    "user",
)  # fmt: skip

PARAMETERS: Parameters = {
    **{name: Parameter(ParameterSupport.SUPPORTED) for name in _KNOWN},
    "web_search_options": Parameter(
        ParameterSupport.UNSUPPORTED, "Only search models can search in chat completions.", droppable=True
    ),
}
"""What chat completions have of what other formats ask."""
