"""The list of models, made of what all adapters say."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest

from unigate.provider.v1 import provider_pb2 as pb


async def models(world: Any) -> dict[str, Any]:
    """The list by id."""
    response = await world.client.get("/v1/models")
    assert response.status_code == 200
    body = response.json()
    assert body["object"] == "list"
    return {model["id"]: model for model in body["data"]}


async def test_models_have_openais_members_and_an_extension(world: Any) -> None:
    assert await models(world) == {
        "fake/small": {
            "id": "fake/small",
            "object": "model",
            "created": 7,
            "owned_by": "someone",
            "unigate": {"provider": "fake", "endpoints": ["chat"]},
        }
    }


async def test_what_is_known_of_a_model_is_in_the_extension(world: Any) -> None:
    world.adapter.models = [
        pb.Model(id="m", context_window=9, features=["thinking:adaptive"], shutdown_date="2030-01-02")
    ]
    model = (await models(world))["fake/m"]
    assert model["unigate"] == {"provider": "fake", "context_window": 9, "features": ["thinking:adaptive"]}
    assert model["shutdown_date"] == "2030-01-02"


async def test_the_vendors_own_object_is_kept_but_for_the_id(world: Any) -> None:
    world.adapter.models = [pb.Model(id="m", created=3, object=b'{"id":"m","object":"model","extra":[1]}')]
    model = (await models(world))["fake/m"]
    assert model["id"] == "fake/m"
    assert model["extra"] == [1]


@pytest.mark.parametrize("settings", ["aliases: {fast: fake/small}"])
async def test_aliases_are_listed(world: Any) -> None:
    alias = (await models(world))["fast"]
    assert alias["unigate"]["alias_for"] == ["fake/small"]
    assert alias["owned_by"] == "someone"


async def test_one_model_is_the_rest_of_the_path(world: Any) -> None:
    world.adapter.models = [pb.Model(id="org/m")]
    assert (await world.client.get("/v1/models/fake/org/m")).json()["id"] == "fake/org/m"


async def test_one_model_tells_what_becomes_of_its_parameters(world: Any) -> None:
    rows = [
        pb.ParameterCapability(name="n", support=pb.PARAMETER_SUPPORT_SUPPORTED),
        pb.ParameterCapability(name="b", support=pb.PARAMETER_SUPPORT_UNSUPPORTED),
    ]
    world.adapter.operations = [
        pb.OperationCapability(operation=pb.OPERATION_CHAT, parameters=rows),
        pb.OperationCapability(operation=pb.OPERATION_EMBEDDINGS, parameters=rows),
    ]
    model = (await world.client.get("/v1/models/fake/small")).json()
    assert model["unigate"]["parameters"] == {"chat": {"n": "supported", "b": "unsupported"}}
    assert "parameters" not in (await models(world))["fake/small"]["unigate"]


async def test_the_slash_may_be_escaped(world: Any) -> None:
    assert (await world.client.get("/v1/models/fake%2Fsmall")).json()["id"] == "fake/small"


@pytest.mark.parametrize("settings", ["default_provider: fake"])
async def test_one_model_of_the_default_provider_needs_no_prefix(world: Any) -> None:
    assert (await world.client.get("/v1/models/small")).json()["id"] == "fake/small"


async def test_an_unknown_model_is_404(world: Any) -> None:
    response = await world.client.get("/v1/models/fake/large")
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


async def test_the_list_is_cached(world: Any) -> None:
    await models(world)
    await models(world)
    assert world.adapter.asked == 1


async def test_a_provider_that_cannot_be_asked_is_a_note(world: Any, kit: Any) -> None:
    world.adapter.models_error = kit.status(grpc.StatusCode.UNAVAILABLE)
    response = await world.client.get("/v1/models")
    assert response.status_code == 200
    assert response.json()["data"] == []
    assert response.headers["x-unigate-notes"] == "models_partial:fake"


@pytest.mark.parametrize("settings", ["models_ttl: 0"])
async def test_a_provider_that_cannot_be_asked_any_more_keeps_its_list(world: Any, kit: Any) -> None:
    await models(world)
    world.adapter.models_error = kit.status(grpc.StatusCode.UNAVAILABLE)
    async with asyncio.timeout(10):
        while world.gateway.registry.partial() != ["fake"]:
            await asyncio.sleep(0)
            await models(world)
    assert set(await models(world)) == {"fake/small"}


async def test_a_model_has_one_name_for_limits_and_prices(world: Any) -> None:
    await models(world)
    for name in ("fake/models/small", "fake/small", "fake/org/small"):
        await world.chat(model=name)
    assert [call.model for call in world.adapter.calls] == ["small", "small", "org/small"]
