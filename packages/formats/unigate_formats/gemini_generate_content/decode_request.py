"""A generateContent request → ChatRequest, for another vendor. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unigate_core.errors import unknown_parameter, unsupported_value
from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_contents import ContentReader, Open
from unigate_formats.gemini_generate_content.decode_schema import to_json_schema
from unigate_formats.gemini_generate_content.decode_tools import read_tools
from unigate_formats.gemini_generate_content.member import integer, member, number, unknown_members, unknown_paths
from unigate_formats.neutral.efforts import EFFORTS, effort_of_budget
from unigate_formats.neutral.request import ChatRequest, ResponseFormat
from unigate_formats.neutral.typed import array, mapping, strings

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
    config = mapping(member(body, CONFIG), CONFIG)
    if member(body, "cachedContent"):
        raise unsupported_value("cachedContent", "contents cached at Google can be used there only.")
    modalities = array(member(config, "responseModalities"), f"{CONFIG}.responseModalities")
    if [kind for kind in modalities if str(kind).upper() != "TEXT"]:
        raise unsupported_value(f"{CONFIG}.responseModalities", "this model answers in text only.")
    dropped = [*unknown_members(body, _READ), *unknown_paths(config, _CONFIG, CONFIG)]
    box = read_tools(body.get("tools"), member(body, "toolConfig"))
    reader = ContentReader(open_token, dropped)
    turns = (*reader.system(member(body, "systemInstruction")), *reader.turns(body.get("contents")))
    effort, budget, summary = _thinking(member(config, "thinkingConfig"), dropped)
    tier = member(body, "serviceTier")
    if tier is not None and str(tier).lower() not in _TIERS:
        dropped.append("serviceTier")
    dropped += box.dropped
    if dropped and not drop_unsupported:
        raise unknown_parameter(dropped[0])
    return ChatRequest(
        model=model,
        turns=turns,
        tools=tuple(box.functions),
        builtin_tools=tuple(box.builtins),
        tool_choice=box.choice,
        max_tokens=_integer(config, "maxOutputTokens"),
        temperature=_number(config, "temperature"),
        top_p=_number(config, "topP"),
        top_k=_rounded(_number(config, "topK")),
        n=_integer(config, "candidateCount") or 1,
        stop=strings(member(config, "stopSequences"), f"{CONFIG}.stopSequences"),
        seed=_integer(config, "seed"),
        frequency_penalty=_number(config, "frequencyPenalty"),
        presence_penalty=_number(config, "presencePenalty"),
        logprobs=member(config, "responseLogprobs") is True,
        top_logprobs=_integer(config, "logprobs"),
        response_format=_format(config),
        reasoning_effort=effort,
        reasoning_budget=budget,
        reasoning_summary=summary,
        web_search=box.web_search,
        service_tier=_TIERS.get(str(tier).lower()),
        stream=stream,
        include_usage=True,
        names=NAMES,
        dropped=tuple(dropped),
        notes=tuple(reader.notes),
    )


def _integer(config: Json, name: str) -> int | None:
    return integer(member(config, name), f"{CONFIG}.{name}")


def _number(config: Json, name: str) -> float | None:
    return number(member(config, name), f"{CONFIG}.{name}")


def _rounded(value: float | None) -> int | None:
    return round(value) if value is not None else None


def _thinking(config: Any, dropped: list[str]) -> tuple[Any, int | None, bool | None]:
    """Effort, budget in tokens, and whether thoughts are to be shown. A budget of -1 leaves it to the model."""
    if not isinstance(config, dict):
        return None, None, None
    path = f"{CONFIG}.thinkingConfig"
    dropped += unknown_paths(config, ("includeThoughts", "thinkingBudget", "thinkingLevel"), path)
    shown = True if member(config, "includeThoughts") is True else None
    level = str(member(config, "thinkingLevel") or "").lower()
    if level in EFFORTS:
        return level, None, shown
    if level not in ("", "thinking_level_unspecified"):
        dropped.append(f"{path}.thinkingLevel")
    budget = integer(member(config, "thinkingBudget"), f"{path}.thinkingBudget")
    if budget is not None and budget >= 0:
        return effort_of_budget(budget), budget or None, shown
    return None, None, shown


def _format(config: Json) -> ResponseFormat | None:
    path = f"{CONFIG}.responseSchema"
    schema = member(config, "responseJsonSchema")
    if schema is None:
        schema = to_json_schema(member(config, "responseSchema"))
    kind = member(config, "responseMimeType")
    if isinstance(schema, dict):
        return ResponseFormat(path=path, schema=schema, name="output", strict=False, bare=kind == "text/x.enum")
    return ResponseFormat(path=path, in_words=False) if kind == "application/json" else None
