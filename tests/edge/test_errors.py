"""Every error in OpenAI's format: refused by the edge, told by the adapter, or a fault of the hop."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import Any

import grpc
import httpx
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.app import Edge

CHAT = "/v1/chat/completions"
VALID = b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}]}'


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The error object, which has all four members and no others."""
    error: dict[str, Any] = response.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    return error


async def test_an_unknown_path_is_404(world: Any) -> None:
    response = await world.client.get("/v1/nothing")
    assert response.status_code == 404
    assert error_of(response)["message"] == "Invalid URL (GET /v1/nothing)"


async def test_a_wrong_method_is_405_and_names_the_right_one(world: Any) -> None:
    response = await world.client.get(CHAT)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert error_of(response)["type"] == "invalid_request_error"


async def test_errors_have_a_request_id_too(world: Any) -> None:
    assert (await world.client.get("/v1/nothing")).headers["x-request-id"].startswith("req_")


async def test_what_is_no_json_is_refused(world: Any) -> None:
    response = await world.post(CHAT, b'{"model":')
    assert response.status_code == 400
    assert error_of(response)["code"] == "invalid_json"


async def test_another_content_type_is_refused(world: Any) -> None:
    response = await world.post(CHAT, VALID, {"content-type": "application/x-www-form-urlencoded"})
    assert response.status_code == 400
    assert error_of(response)["code"] == "unsupported_content_type"


async def test_a_charset_in_the_content_type_is_accepted(world: Any) -> None:
    assert (await world.post(CHAT, VALID, {"content-type": "application/json; charset=utf-8"})).status_code == 200


async def test_a_fault_of_the_request_names_its_path(world: Any) -> None:
    response = await world.chat(messages=[{"role": "user", "content": [{"type": "text"}]}])
    assert response.status_code == 400
    assert error_of(response) == {
        "message": "Missing required parameter: 'messages[0].content[0].text'.",
        "type": "invalid_request_error",
        "param": "messages[0].content[0].text",
        "code": "missing_required_parameter",
    }


async def test_a_refused_request_never_reaches_the_adapter(world: Any) -> None:
    await world.chat(temperature=9)
    assert world.adapter.calls == []


async def test_refusals_tell_the_sdk_not_to_retry(world: Any) -> None:
    assert (await world.chat(temperature=9)).headers["x-should-retry"] == "false"


@pytest.mark.parametrize("model", ["small", "unknown/small", "fake/", ""])
async def test_a_model_that_nobody_serves_is_404(world: Any, model: str) -> None:
    response = await world.chat(model=model)
    assert response.status_code == 404
    error = error_of(response)
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert error["message"] == f"The model `{model}` does not exist or you do not have access to it."


@pytest.mark.parametrize("settings", ["limits: {json_bytes: 100}"])
class TestBodyLimit:
    async def test_a_declared_size_over_the_limit_is_413(self, world: Any) -> None:
        response = await world.post(CHAT, VALID + b" " * 100)
        assert response.status_code == 413
        assert error_of(response)["code"] == "request_too_large"

    async def test_an_undeclared_size_over_the_limit_is_413(self, world: Any) -> None:
        async def body() -> Any:
            yield VALID
            yield b" " * 100

        response = await world.client.post(CHAT, content=body(), headers={"content-type": "application/json"})
        assert response.status_code == 413

    @pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
    async def test_the_limit_counts_decompressed_bytes(self, world: Any, encoding: str, compress: Any) -> None:
        body = compress(VALID + b" " * 10_000_000)
        assert len(body) < 20_000
        response = await world.client.post(
            CHAT, content=body, headers={"content-type": "application/json", "content-encoding": encoding}
        )
        assert response.status_code == 413


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress)]
)
async def test_a_compressed_body_is_decompressed(world: Any, encoding: str, compress: Any) -> None:
    response = await world.post(CHAT, compress(VALID), {"content-encoding": encoding})
    assert response.status_code == 200
    assert world.adapter.bodies == [VALID]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", VALID),
        ("gzip", VALID),
        ("gzip", gzip.compress(VALID, mtime=0)[:-9]),
        ("zstd", VALID),
        ("zstd", zstd.compress(VALID)[:-3]),
    ],
    ids=["unknown coding", "not compressed", "cut off", "no zstd", "zstd cut off"],
)
async def test_a_body_that_cannot_be_decompressed_is_refused(world: Any, encoding: str, body: bytes) -> None:
    response = await world.post(CHAT, body, {"content-encoding": encoding})
    assert response.status_code == 400
    assert error_of(response)["code"] == "unsupported_content_encoding"


TOLD = pb.Error(
    status=429,
    type="requests",
    code="rate_limit_exceeded",
    message="Slow down.",
    retry_after_ms=1500,
    upstream_request_id="up-1",
    headers={"x-ratelimit-remaining-requests": "0"},
)


@pytest.mark.parametrize("stream", [False, True])
async def test_the_adapters_error_becomes_the_status(world: Any, kit: Any, stream: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(error=TOLD)
    world.adapter.frames = [kit.frame(error=TOLD)]
    response = await world.chat(stream=stream)
    assert response.status_code == 429
    assert response.headers["content-type"] == "application/json"
    assert error_of(response) == {
        "message": "Slow down.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }


@pytest.mark.parametrize("stream", [False, True])
async def test_the_adapters_error_keeps_its_headers(world: Any, kit: Any, stream: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(error=TOLD)
    world.adapter.frames = [kit.frame(error=TOLD)]
    headers = (await world.chat(stream=stream)).headers
    assert headers["retry-after"] == "2"
    assert headers["retry-after-ms"] == "1500"
    assert headers["x-unigate-upstream-request-id"] == "up-1"
    assert headers["x-ratelimit-remaining-requests"] == "0"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_adapters_refusal_tells_the_sdk_not_to_retry(world: Any, kit: Any, stream: Any) -> None:
    error = pb.Error(status=409, code="unsupported_value", message="no", origin=pb.ORIGIN_REQUEST)
    world.adapter.answer = pb.InvokeResponse(error=error)
    world.adapter.frames = [kit.frame(error=error)]
    assert (await world.chat(stream=stream)).headers["x-should-retry"] == "false"


async def test_the_vendors_errors_leave_retrying_to_the_vendor(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(error=pb.Error(status=409, message="no", origin=pb.ORIGIN_UPSTREAM))
    assert "x-should-retry" not in (await world.chat()).headers


async def test_an_error_body_in_openais_format_is_passed_on_unchanged(world: Any) -> None:
    body = b'{"error": {"message": "m", "type": "t", "param": null, "code": null, "extra": 1}}'
    world.adapter.answer = pb.InvokeResponse(error=pb.Error(status=400, body=body))
    assert (await world.chat()).content == body


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        (grpc.StatusCode.UNAVAILABLE, 503, "provider_unavailable"),
        (grpc.StatusCode.CANCELLED, 503, "provider_unavailable"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, 504, "timeout"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, 413, "request_too_large"),
        (grpc.StatusCode.INTERNAL, 500, None),
        (grpc.StatusCode.UNIMPLEMENTED, 404, "unsupported_endpoint"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_fault_of_the_hop_has_its_status(
    world: Any, kit: Any, code: Any, status: int, told: str | None, stream: Any
) -> None:
    world.adapter.answer = kit.status(code)
    world.adapter.frames = [kit.status(code)]
    response = await world.chat(stream=stream)
    assert response.status_code == status
    assert error_of(response)["code"] == told


async def test_an_unavailable_adapter_says_when_to_come_back(world: Any, kit: Any) -> None:
    world.adapter.answer = kit.status(grpc.StatusCode.UNAVAILABLE)
    assert (await world.chat()).headers["retry-after"] == "2"


@pytest.mark.parametrize("settings", ["timeouts: {total: 0.05}"])
async def test_the_total_time_is_the_calls_deadline(world: Any, kit: Any) -> None:
    world.adapter.answer = kit.never
    response = await world.chat()
    assert response.status_code == 504
    assert error_of(response)["code"] == "timeout"


async def test_a_bug_answers_nothing_but_the_request_id(
    gateway: Any, monkeypatch: pytest.MonkeyPatch, logged: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(gateway.router, "targets", lambda *_: 1 / 0)
    transport = httpx.ASGITransport(Edge(gateway))
    async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        response = await client.post(CHAT, content=VALID)
    assert response.status_code == 500
    error = error_of(response)
    assert response.headers["x-request-id"] in error["message"]
    assert "zero" not in error["message"]
    assert [line["request_id"] for line in logged if line["event"] == "unexpected_error"] == [
        response.headers["x-request-id"]
    ]
    assert (error["type"], error["code"]) == ("server_error", None)
