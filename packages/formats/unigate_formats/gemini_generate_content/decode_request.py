"""A generateContent request → ChatRequest, for another vendor. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unigate_core.errors import unknown_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_contents import ContentReader, Open
from unigate_formats.gemini_generate_content.decode_schema import to_json_schema
from unigate_formats.gemini_generate_content.decode_tools import read_tools
from unigate_formats.gemini_generate_content.member import member, unknown_members
from unigate_formats.neutral.efforts import EFFORTS, effort_of_budget
from unigate_formats.neutral.request import ChatRequest, ResponseFormat

CONFIG = "generationConfig"
NAMES: Mapping[str, str] = {
    "max_completion_tokens": f"{CONFIG}.maxOutputTokens",
    "temperature": f"{CONFIG}.temperature",
    "top_p": f"{CONFIG}.topP",
    "n": f"{CONFIG}.candidateCount",
    "seed": f"{CONFIG}.seed",
    "stop": f"{CONFIG}.stopSequences",
    "frequency_penalty": f"{CONFIG}.frequencyPenalty",
    "presence_penalty": f"{CONFIG}.presencePenalty",
    "logprobs": f"{CONFIG}.responseLogprobs",
    "top_logprobs": f"{CONFIG}.logprobs",
    "reasoning_effort": f"{CONFIG}.thinkingConfig",
    "response_format": f"{CONFIG}.responseSchema",
    "web_search_options": "tools",
    "messages": "contents",
}
"""Chat parameter → where generateContent has it."""

_READ = ("contents", "generationConfig", "model", "serviceTier", "systemInstruction", "toolConfig", "tools")
_CONFIG = (
    "candidateCount", "frequencyPenalty", "logprobs", "maxOutputTokens", "presencePenalty", "responseJsonSchema",
    "responseLogprobs", "responseMimeType", "responseModalities", "responseSchema", "seed", "stopSequences",
    "temperature", "thinkingConfig", "topK", "topP",
)  # fmt: skip
_TIERS = {"standard": "default", "flex": "flex", "priority": "priority"}


def decode_request(body: Json, model: str, open_token: Open, *, stream: bool, drop_unsupported: bool) -> ChatRequest:
    """Read a generateContent request for another vendor; `open_token` opens the signatures of the gateway's own.

    What only Gemini knows is dropped and reported, or refused. Raises RequestRefused.
    """
    config = member(body, CONFIG) or {}
    if member(body, "cachedContent"):
        raise unsupported_value("cachedContent", "contents cached at Google can be used there only.")
    if [kind for kind in member(config, "responseModalities") or () if str(kind).upper() != "TEXT"]:
        raise unsupported_value(f"{CONFIG}.responseModalities", "this model answers in text only.")
    dropped = unknown_members(body, _READ)
    dropped += [f"{CONFIG}.{name}" for name in unknown_members(config, _CONFIG)]
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    box = read_tools(body.get("tools"), member(body, "toolConfig"))
    reader = ContentReader(open_token, dropped)
    turns = (*reader.system(member(body, "systemInstruction")), *reader.turns(body.get("contents")))
    effort, budget, summary = _thinking(member(config, "thinkingConfig"))
    return ChatRequest(
        model=model,
        turns=turns,
        tools=tuple(box.functions),
        builtin_tools=tuple(box.builtins),
        tool_choice=box.choice,
        max_tokens=member(config, "maxOutputTokens"),
        temperature=config.get("temperature"),
        top_p=member(config, "topP"),
        top_k=_whole(member(config, "topK")),
        n=member(config, "candidateCount") or 1,
        stop=tuple(member(config, "stopSequences") or ()),
        seed=config.get("seed"),
        frequency_penalty=member(config, "frequencyPenalty"),
        presence_penalty=member(config, "presencePenalty"),
        logprobs=member(config, "responseLogprobs") is True,
        top_logprobs=config.get("logprobs"),
        response_format=_format(config),
        reasoning_effort=effort,
        reasoning_budget=budget,
        reasoning_summary=summary,
        web_search=box.web_search,
        service_tier=_TIERS.get(str(member(body, "serviceTier")).lower()),
        stream=stream,
        include_usage=True,
        names=NAMES,
        dropped=(*dropped, *box.dropped),
        notes=tuple(reader.notes),
    )


def _whole(value: Any) -> int | None:
    return round(value) if isinstance(value, int | float) else None


def _thinking(config: Any) -> tuple[Any, int | None, bool | None]:
    """Effort, budget in tokens, and whether thoughts are to be shown. A budget of -1 leaves it to the model."""
    if not isinstance(config, dict):
        return None, None, None
    shown = True if member(config, "includeThoughts") is True else None
    level = str(member(config, "thinkingLevel") or "").lower()
    if level in EFFORTS:
        return level, None, shown
    budget = member(config, "thinkingBudget")
    if isinstance(budget, int) and budget >= 0:
        return effort_of_budget(budget), budget or None, shown
    return None, None, shown


def _format(config: Json) -> ResponseFormat | None:
    path = f"{CONFIG}.responseSchema"
    schema = member(config, "responseJsonSchema")
    if schema is None:
        schema = to_json_schema(member(config, "responseSchema"))
    kind = member(config, "responseMimeType")
    if isinstance(schema, dict):
        return ResponseFormat(path=path, schema=schema, name="output", strict=False)
    return ResponseFormat(path=path) if kind == "application/json" else None
