"""provider_options → members of the native body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unigate_core.json import Json
from unigate_formats.gemini_generate_content.replay import PROVIDER
from unigate_formats.neutral.provider_options import options_for
from unigate_formats.neutral.translation import Context

Places = Mapping[str, tuple[str, ...]]
"""Where in the native body each option lands."""

CHAT: Places = {
    "safety_settings": ("safetySettings",),
    "top_k": ("generationConfig", "topK"),
    "thinking_config": ("generationConfig", "thinkingConfig"),
    "media_resolution": ("generationConfig", "mediaResolution"),
}
MEDIA: Places = {"safety_settings": ("safetySettings",), "top_k": ("generationConfig", "topK")}
EMBEDDINGS: Places = {"task_type": ("taskType",)}


def with_options(body: Json, given: Any, context: Context, places: Places) -> Json:
    """The body with the request's options merged last. Raises RequestRefused for one that has no place."""
    for name, value in options_for(given, context.provider, PROVIDER, places).items():
        body = _with_member(body, places[name], value)
    return body


def _with_member(body: Json, path: tuple[str, ...], value: Any) -> Json:
    head, *rest = path
    return body | {head: _with_member(body.get(head) or {}, tuple(rest), value) if rest else value}
