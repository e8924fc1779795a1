"""A vendor refuses what its model does not take: the request goes out again without it, or the refusal is told."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps, loads

CHAT = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 9000}
LIMITS = {
    "anthropic": ("max_tokens: 9000 > 4096, which is the maximum allowed number of output tokens for m", "max_tokens"),
    "azure": ("max_tokens is too large: 9000. This model supports at most 4096 completion tokens.", "max_tokens"),
    "bedrock": ("The maximum tokens you requested exceeds the model limit of 4096.", "inferenceConfig.maxTokens"),
    "deepseek": ("Invalid max_tokens value, the valid range of max_tokens is [1, 4096]", "max_tokens"),
    "gemini": (
        "it has a maxOutputTokens value of 9000 but the supported range is from 1 (inclusive) to 4097 (exclusive).",
        "generationConfig.maxOutputTokens",
    ),
    "openai": ("max_tokens is too large: 9000. This model supports at most 4096 completion tokens.", "max_tokens"),
}
LIMITS["vertex"] = LIMITS["gemini"]


def refusal(message: str, **more: Any) -> httpx.Response:
    """A refusal in a form that each vendor's reader takes."""
    error = {"message": message, "type": "invalid_request_error", "status": "INVALID_ARGUMENT", "code": None, **more}
    return httpx.Response(400, json={"type": "error", "message": message, "error": error})


def member(body: Any, path: str) -> Any:
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_a_limit_above_the_models_is_lowered_to_it(serve: Any, ask: Any, provider: str, how: str) -> None:
    message, path = LIMITS[provider]
    sent: list[Any] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        sent.append(member(loads(request.content), path))
        return refusal(message) if sent[-1] > 4096 else refusal("Enough of it.")

    body = dumps({**CHAT, "stream": True} if how == "streamed" else CHAT)
    call = pb.Call(operation=pb.OPERATION_CHAT, request_id="r", drop_unsupported=True)
    async with serve(provider, vendor) as (servicer, call.model):
        assert "Enough of it." in (await ask(servicer, call, body, how)).message
        assert sent == [9000, 4096]
        # what is known is not tried again, but for another tenant
        await ask(servicer, call, body, how)
        assert sent == [9000, 4096, 4096]
        call.tenant = "another"
        await ask(servicer, call, body, how)
        assert sent == [9000, 4096, 4096, 9000, 4096]
        call.drop_unsupported = False
        assert message in (await ask(servicer, call, body, how)).message
        assert sent[5:] == [9000]


@pytest.mark.parametrize("name", ["openai", "azure"])
@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_each_parameter_that_is_refused_is_left_out(serve: Any, ask: Any, name: str, how: str) -> None:
    refused = ["temperature", "top_p", "presence_penalty"]
    sent: list[Any] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        sent.append(loads(request.content))
        for param in refused:
            if param in sent[-1]:
                return refusal(f"Unsupported value: '{param}'.", param=param, code="unsupported_value")
        return refusal("Enough of it.")

    more = dict.fromkeys(refused, 0.5) | ({"stream": True} if how == "streamed" else {})
    call = pb.Call(operation=pb.OPERATION_CHAT, request_id="r", drop_unsupported=True)
    async with serve(name, vendor) as (servicer, call.model):
        assert "Enough of it." in (await ask(servicer, call, dumps({**CHAT, **more}), how)).message
    assert [sorted(set(refused) & body.keys()) for body in sent] == [
        ["presence_penalty", "temperature", "top_p"], ["presence_penalty", "top_p"], ["presence_penalty"], [],
    ]  # fmt: skip


async def test_a_vendor_that_refuses_for_ever_is_not_asked_for_ever(serve: Any, ask: Any) -> None:
    asked = 0

    def vendor(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += request.method == "POST"
        return refusal(f"max_tokens is too large: 9. This model supports at most {9000 - asked} completion tokens.")

    call = pb.Call(operation=pb.OPERATION_CHAT, request_id="r", drop_unsupported=True)
    async with serve("openai", vendor) as (servicer, call.model):
        assert (await ask(servicer, call, dumps(CHAT), "whole")).status == 400
    assert asked == 7


@pytest.mark.parametrize("name", ["azure", "bedrock", "vertex"])
@pytest.mark.parametrize("how", ["whole", "streamed"])
async def test_what_a_cloud_does_not_know_of_anthropics_api_is_left_out(
    serve: Any, ask: Any, name: str, how: str
) -> None:
    sent: list[Any] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        sent.append(loads(request.content))
        known = "context_management" not in sent[-1]
        return refusal("Enough of it." if known else "context_management: Extra inputs are not permitted")

    models = {"azure": "claude-sonnet-4-5", "bedrock": "anthropic.claude-sonnet-4-5-20250929-v1:0"}
    call = pb.Call(
        operation=pb.OPERATION_CHAT, request_id="r", drop_unsupported=True, path="messages",
        client_format=pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES, model=models.get(name, "claude-sonnet-4-5@20250929"),
    )  # fmt: skip
    body = dumps({**CHAT, "context_management": {"edits": []}} | ({"stream": True} if how == "streamed" else {}))
    async with serve(name, vendor) as (servicer, _):
        assert "Enough of it." in (await ask(servicer, call, body, how)).message
        assert len(sent) == 2
        await ask(servicer, call, body, how)
        assert len(sent) == 3
        call.drop_unsupported = False
        assert "context_management" in (await ask(servicer, call, body, how)).message
        assert len(sent) == 4


@pytest.mark.parametrize("client_format", [pb.CLIENT_FORMAT_OPENAI, pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES])
async def test_refusals_by_422_are_mended_as_well(serve: Any, ask: Any, client_format: Any) -> None:
    sent: list[Any] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404)
        sent.append(loads(request.content))
        if "temperature" not in sent[-1]:
            return refusal("Enough of it.")
        fault = {"type": "extra_forbidden", "loc": ["body", "temperature"], "msg": "Extra inputs are not permitted"}
        return httpx.Response(422, json={"detail": [fault]})

    call = pb.Call(
        operation=pb.OPERATION_CHAT, request_id="r", drop_unsupported=True, client_format=client_format,
        public_model="openai/m", path="messages",
    )  # fmt: skip
    async with serve("openai", vendor) as (servicer, call.model):
        body = dumps({**CHAT, "temperature": 0.5, "max_tokens": 9})
        assert "Enough of it." in (await ask(servicer, call, body, "whole")).message
    assert ["temperature" in body for body in sent] == [True, False]
