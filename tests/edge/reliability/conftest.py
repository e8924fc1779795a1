"""An edge in front of two providers, each a fake adapter behind real gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc import StatusCode

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc as pb_grpc
from unigate_core.json import dumps
from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.gateway import Gateway

Answer = Callable[[], Coroutine[Any, Any, pb.InvokeResponse]]


class Scripted(pb_grpc.ProviderServiceServicer):
    """Answers what its script says, one step a call, the last step for good."""

    def __init__(self) -> None:
        self.script: list[pb.InvokeResponse | Answer] = [pb.InvokeResponse(body=b'{"ok":true}', summary=pb.Summary())]
        self.frames: list[list[pb.InvokeStreamResponse | Answer]] = []
        self.calls: list[pb.Call] = []

    async def Session(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override] # noqa: N802
        await context.abort(StatusCode.UNIMPLEMENTED)

    async def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:  # noqa: N802
        self.calls.append(request.call)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return step if isinstance(step, pb.InvokeResponse) else await step()

    async def InvokeStream(  # noqa: N802
        self, request: pb.InvokeStreamRequest, context: Any
    ) -> AsyncIterator[pb.InvokeStreamResponse]:
        self.calls.append(request.call)
        for frame in self.frames.pop(0) if len(self.frames) > 1 else self.frames[0]:
            if isinstance(frame, pb.InvokeStreamResponse):
                yield frame
            else:
                await frame()

    async def InvokeUpload(  # noqa: N802
        self, requests: Any, context: Any
    ) -> AsyncIterator[pb.InvokeUploadResponse]:
        async for request in requests:
            if request.WhichOneof("frame") == "call":
                self.calls.append(request.call)
        step = self.script[0]
        assert isinstance(step, pb.InvokeResponse)
        yield pb.InvokeUploadResponse(whole=step)

    async def GetCapabilities(  # noqa: N802
        self, request: pb.GetCapabilitiesRequest, context: Any
    ) -> pb.GetCapabilitiesResponse:
        return pb.GetCapabilitiesResponse()


@dataclass
class Pair:
    """Providers `one` and `two`, and a client of the edge."""

    one: Scripted
    two: Scripted
    gateway: Gateway
    client: httpx.AsyncClient

    async def chat(self, model: str = "both", headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """POST a chat completion request."""
        request = {"model": model, "messages": [{"role": "user", "content": "hi"}]} | members
        return await self.client.post(
            "/v1/chat/completions",
            content=dumps(request),
            headers={"content-type": "application/json"} | (headers or {}),
        )

    def count(self, name: str, **labels: str) -> float:
        """A metric's value."""
        return self.gateway.telemetry.registry.get_sample_value(name, labels) or 0


@asynccontextmanager
async def serving(adapter: Scripted) -> AsyncIterator[str]:
    """The address of an adapter."""
    server = grpc.aio.server()
    pb_grpc.add_ProviderServiceServicer_to_server(adapter, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
def settings() -> str:
    """Further lines of the configuration; tests that need some parametrize it."""
    return ""


@asynccontextmanager
async def edge(one: Scripted, two: Scripted, targets: Sequence[str], settings: str, url: str) -> AsyncIterator[Pair]:
    """An edge in front of both, with its own store or the one behind the URL."""
    first, second = targets
    config = parse_config(
        f"providers: {{one: {{target: '{first}'}}, two: {{target: '{second}'}}, gone: {{target: '127.0.0.1:1'}}}}\n"
        "aliases: {both: [one/m, two/m], absent: [gone/m, two/m]}\n"
        f"{settings}"
    )
    gateway = Gateway.of(config, state_url=url)
    gateway.fallback._chance = lambda: 0.0
    transport = httpx.ASGITransport(Edge(gateway))
    async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        yield Pair(one, two, gateway, client)


@pytest.fixture
async def pair(settings: str) -> AsyncIterator[Pair]:
    """Both providers behind the edge, `both` an alias of them in turn."""
    one, two = Scripted(), Scripted()
    async with serving(one) as first, serving(two) as second, edge(one, two, (first, second), settings, "") as pair:
        yield pair


@pytest.fixture
async def replicas(settings: str, start_valkey: Any, tmp_path: Path) -> AsyncIterator[tuple[Pair, Pair]]:
    """Two edges in front of the same providers and of one store."""
    one, two = Scripted(), Scripted()
    async with serving(one) as first, serving(two) as second:
        with start_valkey(tmp_path) as running:
            url = f"valkey://127.0.0.1:{running.port}/0"
            async with (
                edge(one, two, (first, second), settings, url) as left,
                edge(one, two, (first, second), settings, url) as right,
            ):
                yield left, right


@pytest.fixture
def failing() -> Callable[..., pb.InvokeResponse]:
    """Make an answer that is a vendor's error."""

    def failing(status: int, **members: Any) -> pb.InvokeResponse:
        return pb.InvokeResponse(error=pb.Error(status=status, message="as told", **members))

    return failing


@pytest.fixture
def frame() -> Callable[..., pb.InvokeStreamResponse]:
    """Make a frame of a stream."""

    def frame(data: str = "", **members: Any) -> pb.InvokeStreamResponse:
        return pb.InvokeStreamResponse(data=data.encode(), **members)

    return frame
