"""What OpenAI refuses for every model, but other vendors take → a form that it takes.

Schemas of tools without properties or with compositions at their root, `strict` with a schema that cannot be held to,
media in the results of tools, more than four stop sequences. https://platform.openai.com/docs/guides/function-calling
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from unigate_core.counts import members
from unigate_core.errors import GatewayError
from unigate_core.json import Json
from unigate_formats.neutral.output_limit import MAX_MESSAGE
from unigate_formats.openai_chat.tool_schema import tool_schema
from unigate_formats.openai_passthrough.relaxed import Relaxed

_TOOL: Final = re.compile(r"tools\[(\d{1,4})\]")
_MOST: Final = re.compile(r"maximum length (\d{1,4})")
_MEDIA: Final = re.compile(r"only allowed for messages with role 'user'|Invalid value: '(?:image_url|file)'")
_NOTE: Final = "schema_relaxed"


def relaxed_content(body: Json, error: GatewayError) -> Relaxed | None:
    """What to change of a request after its refusal; None where nothing is known that would help."""
    message = error.message[:MAX_MESSAGE]
    if message.startswith("Invalid schema for function"):
        return _tools(body, _index(error.param))
    if message.startswith("Invalid schema for response_format"):
        return _format(body)
    if error.param == "stop" and (match := _MOST.search(message)):
        stops, most = _list(body.get("stop")), int(match[1])
        return Relaxed({"stop": stops[:most]}, (f"stop[{most}:]",)) if len(stops) > most else None
    return _messages(body) if _MEDIA.search(message) else None


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
            notes = (_NOTE,) if was_composed else notes
        elif i == refused and function.get("strict"):
            function = function | {"strict": False}
            dropped = (f"tools[{i}].{path}strict",)
        else:
            continue
        changed = True
        tools[i] = tool | {"function": function} if path else function
    return Relaxed({"tools": tools}, dropped, notes) if changed else None


def _format(body: Json) -> Relaxed | None:
    form = members(body.get("response_format"))
    schema = members(form.get("json_schema"))
    if not schema.get("strict"):
        return None
    changed = form | {"json_schema": schema | {"strict": False}}
    return Relaxed({"response_format": changed}, ("response_format.json_schema.strict",))


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
