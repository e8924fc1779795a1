"""Claude at Vertex: Anthropic's Messages API by rawPredict, with the model in the path and the version in the body.

https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from msgspec.structs import replace

from unigate_core.errors import GatewayError, invalid_json
from unigate_core.json import Json, dumps, loads_object
from unigate_formats.anthropic_messages.errors import from_error as from_anthropic
from unigate_formats.anthropic_messages.native_api import COUNTER as ANTHROPIC_COUNTER
from unigate_formats.gemini_generate_content.errors import from_google
from unigate_formats.neutral.native_api import NativeRequest, TokenCounter
from unigate_formats.neutral.translation import NativeCall

VERSION = "vertex-2023-10-16"
PREFIX = "publishers/anthropic/models/"


def place(call: NativeCall) -> NativeCall:
    """A translated request in Vertex's form."""
    return replace(call, path=_path(call.body["model"], stream=call.stream), body=_body(call.body))


def place_native(request: NativeRequest, model: str) -> NativeRequest:
    """A request in Anthropic's API in Vertex's form; its betas stay in their header. Raises RequestRefused."""
    try:
        body = loads_object(request.body)
    except ValueError as error:
        raise invalid_json() from error
    headers = {name: value for name, value in request.headers.items() if name.lower() != "anthropic-version"}
    return NativeRequest(_path(model, stream=body.get("stream") is True), dumps(_body(body)), headers)


def from_error(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
    """An error of Anthropic's, or of Google's where the call did not come that far."""
    try:
        inner = loads_object(body).get("error")
    except ValueError:
        inner = None
    anthropic = isinstance(inner, dict) and isinstance(inner.get("type"), str)
    return (from_anthropic if anthropic else from_google)(status, headers, body, client_key=client_key)


def _path(model: str, *, stream: bool) -> str:
    return f"{PREFIX}{quote(model, safe='@')}:{'streamRawPredict' if stream else 'rawPredict'}"


def _body(body: Json) -> Json:
    return {key: value for key, value in body.items() if key != "model"} | {"anthropic_version": VERSION}


COUNTER = TokenCounter(
    path=lambda model: f"{PREFIX}count-tokens:rawPredict",
    body=lambda body, model: ANTHROPIC_COUNTER.body(body, model) | {"model": model},
    count=ANTHROPIC_COUNTER.count,
)
"""https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/count-tokens"""
