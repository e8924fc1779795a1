"""Gemini at Vertex: the same API below `publishers/google`, and its own ways to count and to embed.

https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from unigate_core.json import Json
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.neutral.native_api import NativeRequest, TokenCounter
from unigate_formats.neutral.translation import Handler, NativeCall

PREFIX = "publishers/google/"


def place(call: NativeCall) -> NativeCall:
    """A translated request, at Vertex."""
    return replace(call, path=PREFIX + call.path)


def place_native(request: NativeRequest, model: str) -> NativeRequest:
    """A request in Gemini's API, at Vertex."""
    del model
    return replace(request, path=PREFIX + request.path)


def placed(handler: Handler) -> Handler:
    """An operation of Gemini's API, at Vertex."""
    calls, follow_up = handler.calls, handler.follow_up

    def more(answers: Sequence[Json], state: Any) -> NativeCall | None:
        call = follow_up(answers, state)
        return None if call is None else place(call)

    return replace(
        handler,
        calls=lambda body, context: [place(call) for call in calls(body, context)],
        follow_up=more,
    )


_COUNTED = ("contents", "systemInstruction", "tools", "generationConfig")

COUNTER = TokenCounter(
    path=lambda model: f"{PREFIX}{model_path(model)}:countTokens",
    body=lambda body, model: {key: value for key, value in body.items() if key in _COUNTED},
    count=lambda answer: int(answer["totalTokens"]),
)
"""https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/count-tokens"""
