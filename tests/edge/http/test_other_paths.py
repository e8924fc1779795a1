"""Base URLs without `/v1` or with one too many, and the paths of Azure OpenAI's clients."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps, loads
from unigate_edge.http.other_paths import DEPLOYMENT, use_known_path, with_deployment

SECRET = "sk-made-up-secret"
KEYS = f"keys:\n  - {{name: team, sha256: {sha256(SECRET.encode()).hexdigest()}, models: ['*']}}\n"
CHAT = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/chat/completions", "/v1/chat/completions"),
        ("/completions", "/v1/completions"),
        ("/models", "/v1/models"),
        ("/models/fake/small", "/v1/models/fake/small"),
        ("/responses/resp_1/input_items", "/v1/responses/resp_1/input_items"),
        ("/v1/v1/messages", "/v1/messages"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/anthropic/v1/v1/messages/count_tokens", "/anthropic/v1/messages/count_tokens"),
        ("/openai/v1/responses", "/v1/responses"),
        ("/openai/models", "/v1/models"),
        ("/openai/deployments/small/embeddings", "/v1/embeddings"),
    ],
)
def test_a_path_becomes_the_one_that_the_routes_know(path: str, known: str) -> None:
    scope: dict[str, Any] = {"path": path}
    use_known_path(scope)
    assert scope["path"] == known
    assert scope["raw_path"] == known.encode()


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/", "/healthz", "/modelsx", "/v1", "/v1beta/models/x", "/openai", "/docs"]
)
def test_other_paths_stay_as_they_are(path: str) -> None:
    scope = {"path": path}
    use_known_path(scope)
    assert scope == {"path": path}


@pytest.mark.parametrize("model", ["small", "fake/small", "fake/models/x"])
def test_a_deployment_is_the_model(model: str) -> None:
    scope = {"path": f"/openai/deployments/{model}/chat/completions"}
    use_known_path(scope)
    assert scope[DEPLOYMENT] == model
    assert scope["path"] == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", b'{"model":"m"}'),
        (b'{"model":null}', b'{"model":"m"}'),
        (b'{"model":"n","n":1}', b'{"model":"m","n":1}'),
        (b"[1]", b"[1]"),
        (b"{", b"{"),
    ],
)
def test_a_body_gets_the_model_of_its_path(body: bytes, expected: bytes) -> None:
    assert with_deployment(body, "m") == expected


@pytest.mark.parametrize("settings", [KEYS])
async def test_clients_of_azure_openai_are_served(world: Any) -> None:
    path = "/openai/deployments/fake/small/chat/completions?api-version=2024-10-21"
    response = await world.post(path, dumps(CHAT), {"api-key": SECRET})
    assert response.status_code == 200
    [call], [body] = world.adapter.calls, world.adapter.bodies
    assert (call.operation, call.model, call.path) == (pb.OPERATION_CHAT, "small", "")
    assert loads(body)["model"] == "fake/small"


async def test_errors_have_the_form_of_the_api_that_is_meant(world: Any) -> None:
    response = await world.post("/v1/v1/messages", b"{")
    assert response.json()["type"] == "error"


async def test_an_unknown_path_is_told_as_it_was_asked(world: Any) -> None:
    response = await world.post("/chat", b"{}")
    assert (response.status_code, response.json()["error"]["message"]) == (404, "Invalid URL (POST /chat)")
