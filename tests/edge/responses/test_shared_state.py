"""Two edges, one store: what one keeps the other finds; and an edge whose store is down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import httpx

from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.gateway import Gateway

KEYS = "keys:\n" + "".join(f"- {{name: {n}, sha256: {sha256(n.encode()).hexdigest()}}}\n" for n in ("ann", "bob"))


@asynccontextmanager
async def edge(target: str, url: str, settings: str = "") -> AsyncIterator[Any]:
    gateway = Gateway.of(parse_config(f"providers:\n  fake: {{target: '{target}'}}\n{settings}"), state_url=url)
    transport = httpx.ASGITransport(Edge(gateway))
    async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        yield SimpleNamespace(client=client, gateway=gateway)


async def test_another_replica_continues_a_conversation_at_once(
    target: str, adapter: Any, valkey: str, client_of: Any
) -> None:
    async with edge(target, valkey) as one, edge(target, valkey) as two:
        first = await client_of(one).id_of("One.")
        await client_of(two).id_of("Two.", previous_response_id=first)
        assert [item["content"][0]["text"] for item in adapter.earlier] == ["One.", "Fine."]
        assert (await client_of(two).ask("GET", first)).status_code == 200
        await client_of(two).ask("DELETE", first)
        assert (await client_of(one).ask("GET", first)).status_code == 404


async def test_answers_come_without_the_store(target: str, adapter: Any, client_of: Any) -> None:
    async with edge(target, "redis://127.0.0.1:1/0") as world:
        answer = await client_of(world).create()
        assert answer.status_code == 200
        assert world.gateway.telemetry.registry.get_sample_value("unigate_state_errors_total") == 1


async def test_what_needs_the_store_may_be_tried_again(target: str, adapter: Any, client_of: Any) -> None:
    async with edge(target, "redis://127.0.0.1:1/0") as world:
        for answer in (
            await client_of(world).ask("GET", "resp_ugf1"),
            await client_of(world).ask("DELETE", "resp_ugf1"),
            await client_of(world).create(previous_response_id="resp_ugf1"),
        ):
            assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unavailable")
            assert answer.headers["retry-after"] == "2"


async def test_another_replica_knows_whose_a_response_of_the_providers_is(
    target: str, adapter: Any, valkey: str, client_of: Any
) -> None:
    adapter.keeper = "resp_0shared"
    async with edge(target, valkey, KEYS) as one, edge(target, valkey, KEYS) as two:
        await client_of(one, "ann").create()
        assert (await client_of(two, "bob").ask("GET", "resp_0shared")).status_code == 404
        assert (await client_of(two, "ann").ask("GET", "resp_0shared")).status_code == 200


async def test_without_the_store_nobody_is_shown_a_response_of_the_providers(
    target: str, adapter: Any, client_of: Any
) -> None:
    adapter.keeper = "resp_0lost"
    async with edge(target, "redis://127.0.0.1:1/0", KEYS) as world:
        assert (await client_of(world, "ann").create()).status_code == 200
        answer = await client_of(world, "ann").ask("GET", "resp_0lost")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "state_unavailable")
