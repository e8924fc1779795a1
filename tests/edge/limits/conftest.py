"""Edges with keys that have limits, alone or several over one Valkey server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.gateway import Gateway


class Team:
    """The holder of a key before one edge."""

    def __init__(self, gateway: Gateway, client: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.client = client

    async def chat(self, key: str = "team", **members: Any) -> httpx.Response:
        """POST a chat completion request with the key's secret."""
        request = {"model": "fake/small", "messages": [{"role": "user", "content": "hi"}]} | members
        headers = {"authorization": f"Bearer sk-{key}"} | request.pop("headers", {})
        return await self.client.post("/v1/chat/completions", json=request, headers=headers)

    async def traffic_flushed(self) -> None:
        """Return when the counts are in the store."""
        await self.gateway.metering.usage.flush()

    async def state_is_up(self) -> None:
        """Return when the edge has found that the store answers again."""
        async with asyncio.timeout(10):
            while not self.sample("unigate_state_up"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def usage(self, key: str = "team") -> Any:
        """GET what the key has used."""
        return (await self.client.get("/v1/usage", headers={"authorization": f"Bearer sk-{key}"})).json()

    async def burst(self, count: int, **members: Any) -> list[int]:
        """Make requests all at once; the statuses of their answers."""
        return [answer.status_code for answer in await asyncio.gather(*(self.chat(**members) for _ in range(count)))]

    def sample(self, name: str, **labels: str) -> float | None:
        """A metric."""
        value: float | None = self.gateway.telemetry.registry.get_sample_value(name, labels)
        return value


def key(name: str, **members: str) -> str:
    """One entry of the configuration's keys."""
    rest = "".join(f", {member}: {value}" for member, value in members.items())
    return f"  - {{name: {name}, sha256: {sha256(f'sk-{name}'.encode()).hexdigest()}{rest}}}\n"


@pytest.fixture
def keys() -> Callable[..., str]:
    """What writes the lines of a key."""
    return key


OpenEdge = Callable[..., AbstractAsyncContextManager[Team]]


@pytest.fixture
async def open_edge(target: str) -> OpenEdge:
    """What opens an edge with a key `team` that has these limits, a key `other` and an admin's key `boss`."""

    @asynccontextmanager
    async def opened(limits: str = "{}", url: str = "", more: str = "") -> AsyncIterator[Team]:
        keys = key("team", limits=limits) + key("other") + key("boss", admin="true")
        text = f"providers:\n  fake: {{target: '{target}'}}\n{more}keys:\n{keys}"
        gateway = Gateway.of(parse_config(text), state_url=url)
        transport = httpx.ASGITransport(Edge(gateway))
        async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            yield Team(gateway, client)

    return opened


@pytest.fixture
def answered() -> Callable[..., pb.InvokeResponse]:
    """What builds an answer that used so many tokens."""

    def answer(input_tokens: int, output_tokens: int) -> pb.InvokeResponse:
        usage = pb.Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        return pb.InvokeResponse(body=b"{}", summary=pb.Summary(usage=usage))

    return answer
