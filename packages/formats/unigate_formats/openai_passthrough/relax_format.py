"""A chat whose `response_format` a model does not have → the nearest form that it has, the rest asked for in words.

A JSON Schema becomes JSON mode with the schema in the system message, as it is sent to vendors known to lack schemas;
where a model has no JSON mode either, or none beside tools, the words alone are left. Who has schemas but no JSON mode
is sent the schema of any object.

https://console.groq.com/docs/structured-outputs, https://lmstudio.ai/docs/developer/openai-compat/structured-output
"""

from __future__ import annotations

import re
from typing import Any, Final

from unigate_core.counts import members
from unigate_core.json import Json
from unigate_formats.neutral.json_instruction import json_instruction
from unigate_formats.neutral.request import ResponseFormat
from unigate_formats.openai_passthrough.relaxed import Relaxed

_FORMAT: Final = re.compile(r"response[_ ]format|json[_ ](?:mode|schema|object)", re.IGNORECASE)
_REFUSED: Final = re.compile(
    r"not (?:currently )?support|unsupported|unavailable|not (?:one of|valid|allowed|available)|invalid (?:value|type)"
    r"|must be|should be|cannot be (?:used|combined|mixed)|enabled only|only supports?",
    re.IGNORECASE,
)
_INVALID_SCHEMA: Final = re.compile(r"invalid (?:json )?schema for response[_ ]format", re.IGNORECASE)
_TOOLS: Final = re.compile(r"\b(?:tools?|functions?)\b", re.IGNORECASE)
_CONTAINS_JSON: Final = "must contain"
"""Of the refusal of JSON mode for messages that do not speak of it, which the caller has to mend."""
_ANY_OBJECT: Final[Json] = {"type": "json_schema", "json_schema": {"name": "output", "schema": {"type": "object"}}}


def relaxed_format(body: Json, message: str) -> Relaxed | None:
    """What to change of a chat after its refusal; None where the refusal is about something else."""
    form, messages = members(body.get("response_format")), body.get("messages")
    if form.get("type") not in {"json_schema", "json_object"}:
        return None
    schema = members(form.get("json_schema"))
    if form["type"] == "json_schema" and not isinstance(schema.get("schema"), dict):
        return None
    if _INVALID_SCHEMA.search(message):
        if not schema.get("strict"):
            return None
        changed = form | {"json_schema": schema | {"strict": False}}
        return Relaxed({"response_format": changed}, ("response_format.json_schema.strict",))
    if not (_FORMAT.search(message) and _REFUSED.search(message)) or _CONTAINS_JSON in message:
        return None
    if not isinstance(messages, list):
        return None
    return _other_mode(messages, form, schema, message)


def _other_mode(messages: list[Any], form: Json, schema: Json, message: str) -> Relaxed:
    asked = ResponseFormat(
        path="response_format",
        schema=members(schema.get("schema")) or None,
        name=str(schema.get("name") or ""),
        description=schema.get("description"),
    )
    mode: Json | None
    if form["type"] == "json_schema" and form != _ANY_OBJECT and not _TOOLS.search(message):
        mode = {"type": "json_object"}
    elif form["type"] == "json_object" and "json_schema" in message:
        return Relaxed({"response_format": _ANY_OBJECT})
    else:
        mode = None
    changes: Json = {"response_format": mode, "messages": _with_words(messages, json_instruction(asked))}
    return Relaxed(changes, notes=("json_emulated",))


def _with_words(messages: list[Any], words: str) -> list[Any]:
    """The messages with the form in words at the end of the leading system messages; as they are if it is there."""
    if any(words[:40] in str(members(each).get("content")) for each in messages):
        return messages
    roles = [members(each).get("role") for each in messages]
    lead = next((i for i, role in enumerate(roles) if role not in {"system", "developer"}), len(messages))
    last = messages[lead - 1] if lead else {}
    if isinstance(last.get("content"), str):
        # templates of chats that take one system message refuse a second
        changed = last | {"content": f"{last['content']}\n\n{words}"}
        return [*messages[: lead - 1], changed, *messages[lead:]]
    return [*messages[:lead], {"role": "system", "content": words}, *messages[lead:]]
