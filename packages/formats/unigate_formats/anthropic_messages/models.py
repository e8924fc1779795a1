"""Anthropic's list of models → ModelInfo, and what the list does not say. https://docs.anthropic.com/en/api/models-list

Features: `effort:<level>`, `thinking:<type>`, `structured_outputs`, `prefill` (a trailing assistant message is gone on
with), `mid_conversation_system` (system messages within the conversation), `fixed_sampling` (neither temperature nor
top_p can be chosen), `one_sampling` (not both of them), `tool_search` (of deferred tools).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from unigate_core.json import Json
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import TEXT_OPERATIONS
from unigate_formats.neutral.request import TOOL_SEARCH

PAGE = "models?limit=1000"
UNKNOWN_MAX_OUTPUT = 8192

_FLAGS = {"structured_outputs": "structured_outputs", "code_execution": "code_execution", "citations": "citations"}
_MODALITIES = {"image_input": "image", "pdf_input": "file"}


class _Family(msgspec.Struct, frozen=True):
    """What is known of a family: token limits for when the list is out of reach, `features` likewise, and `always`,
    which no list says."""

    pattern: re.Pattern[str]
    window: int
    output: int
    features: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BUDGET = _words("thinking:enabled")
_STRICT = _words("structured_outputs")
_EFFORT = _words("effort:low effort:medium effort:high")
_ADAPTIVE = _words("thinking:adaptive") | _EFFORT | _STRICT
_OFF = _words("thinking:disabled")
_PREFILL = _words("prefill")
_SYSTEM = _words("mid_conversation_system")
FIXED_SAMPLING = "fixed_sampling"
ONE_SAMPLING = "one_sampling"
_SEARCH = frozenset({TOOL_SEARCH})
_FIXED = frozenset({FIXED_SAMPLING})
_ONE = frozenset({ONE_SAMPLING})

_DATED = r"(-0)?([-@]2025\d{4}\b.*)?$"
"""A first release: with its date as Anthropic, Vertex (`@20250514`) and Bedrock (`-20250514-v1:0`) write it."""

# https://docs.anthropic.com/en/docs/about-claude/models/overview
_FAMILIES = tuple(
    _Family(re.compile(pattern), window, output, features, always)
    for pattern, window, output, features, always in (
        (r"claude-2\b", 200_000, 4096, frozenset(), _PREFILL),
        (r"claude-3-(opus|sonnet|haiku)\b", 200_000, 4096, frozenset(), _PREFILL),
        (r"claude-3-5-", 200_000, 8192, frozenset(), _PREFILL),
        (r"claude-3-7-", 200_000, 64_000, _BUDGET, _PREFILL | _OFF),
        (rf"claude-sonnet-4{_DATED}", 200_000, 64_000, _BUDGET, _PREFILL | _OFF),
        (rf"claude-opus-4{_DATED}", 200_000, 32_000, _BUDGET, _PREFILL | _OFF),
        (r"claude-opus-4-1\b", 200_000, 32_000, _BUDGET | _STRICT, _PREFILL | _OFF | _ONE),
        (r"claude-haiku-4-5\b", 200_000, 64_000, _BUDGET | _STRICT, _PREFILL | _OFF | _ONE),
        (r"claude-sonnet-4-5\b", 200_000, 64_000, _BUDGET | _STRICT, _PREFILL | _OFF | _ONE | _SEARCH),
        (r"claude-opus-4-5\b", 200_000, 64_000, _BUDGET | _STRICT | _EFFORT, _PREFILL | _OFF | _ONE | _SEARCH),
        (r"claude-sonnet-4-6\b", 1_000_000, 128_000, _ADAPTIVE | _BUDGET, _OFF | _ONE | _SEARCH),
        (r"claude-opus-4-6\b", 1_000_000, 128_000, _ADAPTIVE | _BUDGET | _words("effort:max"), _OFF | _ONE | _SEARCH),
        (
            r"claude-opus-4-7\b",
            1_000_000,
            128_000,
            _ADAPTIVE | _words("effort:xhigh effort:max"),
            _OFF | _FIXED | _SEARCH,
        ),
        (
            r"claude-opus-4-8\b",
            1_000_000,
            128_000,
            _ADAPTIVE | _words("effort:xhigh effort:max"),
            _OFF | _SYSTEM | _FIXED | _SEARCH,
        ),
        (r"claude-\w+-[5-9]\b", 1_000_000, 128_000, _ADAPTIVE | _words("effort:xhigh effort:max"), _FIXED | _SEARCH),
    )
)
_UNKNOWN = _Family(re.compile(""), 0, UNKNOWN_MAX_OUTPUT, _ADAPTIVE)


def parse_models(page: Json) -> tuple[Sequence[ModelInfo], str | None]:
    """The models of one page, and the path of the next."""
    models = [_model(item) for item in page.get("data") or []]
    last = page.get("last_id")
    return models, f"{PAGE}&after_id={quote(last)}" if page.get("has_more") and last else None


def overlay(model: ModelInfo) -> ModelInfo:
    """The model with what is known of its family; what the vendor's list says wins. Idempotent.

    Clouds put a region and a vendor before the name: `us.anthropic.claude-…`.
    """
    family = next((family for family in _FAMILIES if family.pattern.search(model.id)), _UNKNOWN)
    listed = bool(model.features)
    return replace(
        model,
        display_name=model.display_name or model.id,
        owned_by=model.owned_by or "anthropic",
        operations=model.operations or TEXT_OPERATIONS,
        context_window=model.context_window or family.window,
        max_output_tokens=model.max_output_tokens or family.output,
        input_modalities=model.input_modalities or ("text", "image", "file"),
        output_modalities=model.output_modalities or ("text",),
        features=(model.features if listed else family.features) | family.always,
    )


def _model(item: Json) -> ModelInfo:
    capabilities: Json = item.get("capabilities") or {}
    return ModelInfo(
        id=item["id"],
        display_name=item.get("display_name") or "",
        created=_epoch(item.get("created_at")),
        owned_by="anthropic",
        context_window=item.get("max_input_tokens") or 0,
        max_output_tokens=item.get("max_tokens") or 0,
        operations=TEXT_OPERATIONS,
        input_modalities=("text", *(word for key, word in _MODALITIES.items() if _supported(capabilities.get(key))))
        if capabilities
        else (),
        output_modalities=("text",),
        features=frozenset(_features(capabilities)),
        shutdown_date=(item.get("retires_at") or "")[:10],
    )


def _features(capabilities: Json) -> list[str]:
    effort: Json = capabilities.get("effort") or {}
    types: Json = (capabilities.get("thinking") or {}).get("types") or {}
    return [
        *(f"effort:{level}" for level in effort if level != "supported" and _supported(effort[level])),
        *(f"thinking:{kind}" for kind in types if _supported(types[kind])),
        *(word for key, word in _FLAGS.items() if _supported(capabilities.get(key))),
    ]


def _supported(capability: object) -> bool:
    return isinstance(capability, dict) and bool(capability.get("supported"))


def _epoch(text: str | None) -> int:
    try:
        return max(0, int(datetime.fromisoformat(text).timestamp())) if text else 0
    except ValueError:
        return 0
