"""The values that OpenAI knows where a chat names one of a few, and what only users may say.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from unigate_simulator.openai_api.errors import quoted_values, refuse
from unigate_simulator.wire import Json, Object

_ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_PARTS: Final = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}
_TEXT: Final = ("text",)
_MOST_STOPS: Final = 4


def check_values(body: Object) -> None:
    """Raises the refusal of the first value that OpenAI does not know."""
    for path, value, known in _named(body):
        if isinstance(value, str) and value not in known:
            message = f"Invalid value: '{value}'. Supported values are: {quoted_values(known)}."
            raise refuse(message, param=path, code="invalid_value")
    stops = body.get("stop")
    if isinstance(stops, list) and len(stops) > _MOST_STOPS:
        message = (
            f"Invalid 'stop': array too long. Expected an array with maximum length {_MOST_STOPS}, "
            f"but got an array with length {len(stops)} instead."
        )
        raise refuse(message, param="stop", code="array_above_max_length")


def _named(body: Object) -> Iterator[tuple[str, Json, tuple[str, ...]]]:
    for i, message in enumerate(body["messages"]):
        role, content = message.get("role"), message.get("content")
        yield f"messages[{i}].role", role, _ROLES
        for j, part in enumerate(content if isinstance(content, list) else ()):
            kind = part.get("type")
            if kind == "image_url" and role != "user":
                text = (
                    f"Invalid 'messages[{i}]'. Image URLs are only allowed for messages with role 'user', "
                    f"but this message with role '{role}' contains an image URL."
                )
                raise refuse(text, param=f"messages[{i}]", code="invalid_value")
            yield f"messages[{i}].content[{j}].type", kind, _PARTS.get(role, _TEXT)
            if kind == "input_audio":
                yield f"messages[{i}].content[{j}].input_audio.format", part[kind].get("format"), ("wav", "mp3")
    for i, tool in enumerate(body.get("tools") or ()):
        yield f"tools[{i}].type", tool.get("type"), ("function", "custom")
    yield "tool_choice", body.get("tool_choice"), ("none", "auto", "required")
    yield (
        "response_format.type",
        (body.get("response_format") or {}).get("type"),
        ("text", "json_object", "json_schema"),
    )
