"""provider_options.gemini → members of the native body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unigate_core.errors import invalid_value, unknown_parameter
from unigate_core.json import Json, loads

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


def with_options(body: Json, options: Any, places: Places) -> Json:
    """The body with the options merged last. Raises RequestRefused for one that has no place."""
    for name, value in (options or {}).items():
        if name not in places:
            path = f"provider_options.gemini.{name}"
            raise unknown_parameter(path)
        body = _with_member(body, places[name], value)
    return body


def own_options(body: Json) -> Json:
    """The block for Gemini of a request that was not read into a neutral form."""
    options = body.get("provider_options")
    if isinstance(options, str):
        # A form has text only.
        try:
            options = loads(options)
        except ValueError as error:
            raise invalid_value("provider_options", "it must be a JSON object.") from error
    own = options.get("gemini") if isinstance(options, dict) else None
    return own if isinstance(own, dict) else {}


def _with_member(body: Json, path: tuple[str, ...], value: Any) -> Json:
    head, *rest = path
    return body | {head: _with_member(body.get(head) or {}, tuple(rest), value) if rest else value}
