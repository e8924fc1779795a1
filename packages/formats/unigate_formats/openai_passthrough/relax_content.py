"""What OpenAI refuses for every model, but other vendors take → a form that it takes.

Schemas of tools without properties or with compositions at their root, `strict` with a schema that cannot be held to,
media in the results of tools, stop sequences, an image's quality in another model's words. https://platform.openai.com/docs/guides/function-calling
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from unigate_core.counts import members
from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.output_limit import MAX_MESSAGE
from unigate_formats.neutral.stop_sequences import MAX_STOPS, NOTE
from unigate_formats.openai_chat.tool_schema import tool_schema
from unigate_formats.openai_passthrough.relaxed import Relaxed, listed_values

_TOOL: Final = re.compile(r"tools\[(\d{1,4})\]")
_MOST: Final = re.compile(r"maximum length (\d{1,4})")
_MEDIA: Final = re.compile(r"only allowed for messages with role 'user'|Invalid value: '(?:image_url|file)'")
_NO_STOPS: Final = re.compile(
    r"'stop' is not supported|not supported on this model: stop\b|does not support parameter stop\b"
    r"|Unknown parameter: 'stop'|Unrecognized request argument supplied: stop\b"
)
_RELAXED_SCHEMA: Final = "schema_relaxed"
_QUALITIES: Final[Mapping[str, tuple[str, ...]]] = {
    "hd": ("high",), "standard": ("medium", "auto"), "high": ("hd",), "medium": ("standard",), "low": ("standard",),
    "auto": ("standard",), "xhigh": ("high", "hd"), "max": ("high", "hd"),
}  # fmt: skip
"""What the word of one family of image models is called by another."""


def relaxed_content(body: Json, error: GatewayError) -> Relaxed | None:
    """What to change of a request after its refusal; None where nothing is known that would help."""
    message = error.message[:MAX_MESSAGE]
    if message.startswith("Invalid schema for function"):
        return _tools(body, _index(error.param))
    if _NO_STOPS.search(message):
        return _without_stops(body)
    if error.param == "quality" and (words := listed_values(message)):
        return _quality(body, words)
    if error.param == "stop" and (match := _MOST.search(message)):
        stops, most = _list(body.get("stop")), int(match[1])
        return Relaxed({"stop": stops[:most]}, (f"stop[{most}:]",)) if len(stops) > most else None
    return _messages(body) if _MEDIA.search(message) else None


def _without_stops(body: Json) -> Relaxed | None:
    """Models with reasoning take no stop sequences; the answer is ended at them here."""
    given = body.get("stop")
    stops = [stop for stop in (_list(given) or [given]) if isinstance(stop, str) and stop]
    if not stops:
        return Relaxed({"stop": None}) if "stop" in body else None
    dropped = (f"stop[{MAX_STOPS}:]",) if len(stops) > MAX_STOPS else ()
    return Relaxed({"stop": None}, dropped, notes=(NOTE,), stops=tuple(stops[:MAX_STOPS]))


def _quality(body: Json, words: Sequence[str]) -> Relaxed | None:
    asked = str(body.get("quality"))
    equal = next((word for word in _QUALITIES.get(asked, ()) if word in words), None)
    return Relaxed({"quality": equal}, notes=(f"quality:{asked}->{equal}",)) if equal else None


def _index(param: str | None) -> int | None:
    match = _TOOL.match(param or "")
    return int(match[1]) if match else None


def _tools(body: Json, refused: int | None) -> Relaxed | None:
    """The tools with schemas that are taken. The refused one, where it was in order already, is no longer strict."""
    tools: list[Any] = list(_list(body.get("tools")))
    changed = False
    dropped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    for i, tool in enumerate(tools):
        # Responses have the function's members beside the type
        nested = members(members(tool).get("function"))
        path, function = ("function.", nested) if nested else ("", members(tool))
        schema = function.get("parameters")
        made, was_composed = tool_schema(members(schema)) if "parameters" in function else (schema, False)
        if made != schema:
            function = function | {"parameters": made}
            notes = (_RELAXED_SCHEMA,) if was_composed else notes
        elif i == refused and function.get("strict"):
            function = function | {"strict": False}
            dropped = (f"tools[{i}].{path}strict",)
        else:
            continue
        changed = True
        tools[i] = tool | {"function": function} if path else function
    return Relaxed({"tools": tools}, dropped, notes) if changed else None


def _messages(body: Json) -> Relaxed | None:
    """The messages with the media of tools' results said by the user, after all results of one answer."""
    messages: list[Any] = []
    media: list[Json] = []
    found = False
    for message in _list(body.get("messages")):
        role = members(message).get("role")
        if media and role != "tool":
            messages.append({"role": "user", "content": media})
            media = []
        parts = _list(members(message).get("content")) if role == "tool" else ()
        own = [part for part in parts if members(part).get("type") != "text"]
        if own:
            found = True
            media += own
            message = message | {"content": _text(parts)}  # noqa: PLW2901 - the message as it is sent
        messages.append(message)
    if media:
        messages.append({"role": "user", "content": media})
    return Relaxed({"messages": messages}, notes=("tool_media_by_user",)) if found else None


def _text(parts: Iterable[Any]) -> str:
    return "\n".join(str(members(part).get("text")) for part in parts if members(part).get("type") == "text")


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
