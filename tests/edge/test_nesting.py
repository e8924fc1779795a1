"""JSON that is nested deeper than anything can read it is the client's fault, wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

PATHS = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/images/generations",
         "/v1/audio/speech", "/v1/moderations", "/v1/responses/compact")  # fmt: skip
CHAT = b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}],'


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + b"1" + closing * depth


@pytest.mark.parametrize("depth", [2_000, 200_000])
@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_is_too_deep_is_refused(world: Any, path: str, depth: int) -> None:
    response = await world.post(path, b'{"model":"fake/small","input":' + nested(depth) + b"}")
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("opening", [b"[", b'{"properties":{"a":'])
async def test_a_schema_that_is_too_deep_is_refused(world: Any, opening: bytes) -> None:
    schema = nested(2_000, opening, b"]" if opening == b"[" else b"}}")
    tool = b'"tools":[{"type":"function","function":{"name":"f","parameters":' + schema + b"}}]}"
    response = await world.post("/v1/chat/completions", CHAT + tool)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "nested_too_deeply"
