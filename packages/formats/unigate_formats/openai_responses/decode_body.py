"""The top level of a Responses request, its types checked. https://platform.openai.com/docs/api-reference/responses/create"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from unigate_core.errors import RequestRefused, invalid_value
from unigate_core.json import Json
from unigate_formats.neutral.extensions import drop_members
from unigate_formats.neutral.request import Effort

Summary = Literal["auto", "concise", "detailed"]

INCLUDES = frozenset(
    {
        "code_interpreter_call.outputs",
        "computer_call_output.output.image_url",
        "file_search_call.results",
        "message.input_image.image_url",
        "message.output_text.logprobs",
        "reasoning.encrypted_content",
        "web_search_call.action.sources",
        "web_search_call.results",
    }
)
LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"
SOURCES = "web_search_call.action.sources"
OUTPUTS = "code_interpreter_call.outputs"

_PLACE = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(\w+)`")


class ReasoningOptions(msgspec.Struct, frozen=True):
    """`reasoning`."""

    effort: Effort | None = None
    summary: Summary | None = None
    generate_summary: Summary | None = None
    mode: str | None = None
    context: Literal["auto", "current_turn", "all_turns"] | None = None


class TextOptions(msgspec.Struct, frozen=True):
    """`text`."""

    format: Json | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """`stream_options`."""

    include_obfuscation: bool | None = None


_REASONING = frozenset(ReasoningOptions.__struct_fields__)
_TEXT = frozenset(TextOptions.__struct_fields__)
_STREAM_OPTIONS = frozenset(StreamOptions.__struct_fields__)
_FORMAT = frozenset({"description", "name", "schema", "strict", "type"})


class ResponsesBody(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters that the bridge reads; whether others may be there is for the parameter table to say."""

    model: str
    input: str | list[Any] | None = None
    instructions: str | None = None
    previous_response_id: str | None = None
    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    max_tool_calls: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    parallel_tool_calls: bool | None = None
    reasoning: ReasoningOptions | None = None
    text: TextOptions | None = None
    tools: list[Json] | None = None
    tool_choice: str | Json | None = None
    include: list[str] | None = None
    store: bool | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    service_tier: str | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    metadata: dict[str, str] | None = None
    provider_options: dict[str, Json] | None = None


def read_body(body: Json) -> ResponsesBody:
    """Check the types of the top level. Raises RequestRefused."""
    try:
        typed = msgspec.convert(body, ResponsesBody)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from error
    for name in typed.include or ():
        if name not in INCLUDES:
            raise invalid_value("include", f"'{name}' is not one of {', '.join(sorted(INCLUDES))}.")
    return typed


def unknown_members(body: Json, *, drop_unsupported: bool) -> list[str]:
    """The paths of the members below the top level that nothing is made of. Raises RequestRefused."""
    text = body.get("text") or {}
    return [
        path
        for given, known, place in (
            (body.get("reasoning"), _REASONING, "reasoning"),
            (body.get("stream_options"), _STREAM_OPTIONS, "stream_options"),
            (text, _TEXT, "text"),
            (text.get("format"), _FORMAT, "text.format"),
        )
        for path in drop_members(given or {}, known, place, drop_unsupported=drop_unsupported)
    ]


def _refusal(message: str) -> RequestRefused:
    place = _PLACE.match(message)
    reason, path = (place[1], place[2]) if place else (message, "")
    missing = _MISSING.search(reason)
    if missing:
        param = f"{path}.{missing[1]}" if path else missing[1]
        return RequestRefused(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")
    code = "invalid_type" if ", got " in reason else "invalid_value"
    return RequestRefused(f"Invalid value for '{path}': {reason}.", param=path or None, code=code)
