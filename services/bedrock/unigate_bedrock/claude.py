"""Claude at Bedrock: Anthropic's Messages API by InvokeModel, with the model in the path and the version in the body.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from unigate_core.errors import invalid_json
from unigate_core.json import Json, dumps, loads_object
from unigate_formats.neutral.native_api import NativeRequest, TokenCounter
from unigate_formats.neutral.translation import NativeCall

VERSION = "bedrock-2023-05-31"
_HEADERS = ("anthropic-version", "anthropic-beta")
_ELSEWHERE = ("model", "stream")


def place(call: NativeCall) -> NativeCall:
    """A translated request in Bedrock's form."""
    return replace(call, path=_path(call.body["model"], stream=call.stream), body=_body(call.body, {}))


def place_native(request: NativeRequest, model: str) -> NativeRequest:
    """A request in Anthropic's API in Bedrock's form; betas move from header to body. Raises RequestRefused."""
    try:
        body = loads_object(request.body)
    except ValueError as error:
        raise invalid_json() from error
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _HEADERS}
    return NativeRequest(
        path=_path(model, stream=body.get("stream") is True), body=dumps(_body(body, request.headers)), headers=headers
    )


def _path(model: str, *, stream: bool) -> str:
    return f"model/{quote(model, safe='')}/{'invoke-with-response-stream' if stream else 'invoke'}"


def _body(body: Json, headers: Mapping[str, str]) -> Json:
    betas = next((value for name, value in headers.items() if name.lower() == "anthropic-beta"), "")
    named = [beta.strip() for beta in betas.split(",") if beta.strip()]
    moved: dict[str, Any] = {"anthropic_version": VERSION}
    if named:
        moved["anthropic_beta"] = [*dict.fromkeys((*(body.get("anthropic_beta") or ()), *named))]
    return {key: value for key, value in body.items() if key not in _ELSEWHERE} | moved


COUNTER = TokenCounter(
    path=lambda model: f"model/{quote(model, safe='')}/count-tokens",
    body=lambda body, model: {"input": {"invokeModel": {"body": base64.b64encode(dumps(body)).decode()}}},
    count=lambda answer: int(answer["inputTokens"]),
    partial=True,
)
"""https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html"""
