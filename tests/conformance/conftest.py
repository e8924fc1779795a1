"""Every provider found in services/, served over gRPC in front of the simulator.

A provider takes part when its pyproject.toml names the simulator's path for it. Its answers are held against the
official SDK's types.
"""

from __future__ import annotations

import copy
import importlib
import threading
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import uvicorn
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc
from unigate_adapter.adapter import open_adapter
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.provider import Provider
from unigate_adapter.server import start
from unigate_adapter.servicer import ProviderServicer
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.json import dumps, loads
from unigate_simulator.app import Simulator
from unigate_simulator.settings import Settings

SERVICES = Path(__file__).parents[2] / "services"
KEY = "made-up-key"
VENDOR = "https://vendor.example"
Vendor = Callable[[httpx.Request], httpx.Response]


def simulated() -> dict[str, dict[str, str]]:
    """The `[tool.unigate]` tables of the providers that the simulator can stand in for."""
    found = {}
    for path in sorted(SERVICES.glob("*/pyproject.toml")):
        table = tomllib.loads(path.read_text()).get("tool", {}).get("unigate", {})
        if table.get("simulator"):
            found[table["provider"]] = table
    return found


TABLES = simulated()


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """The base URL of a running simulator."""
    server = uvicorn.Server(
        uvicorn.Config(Simulator(Settings(event_ms=0)), port=0, log_level="error", lifespan="off", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


class Client:
    """Speaks to one adapter as the edge does, and checks what comes back."""

    def __init__(self, stub: provider_pb2_grpc.ProviderServiceAsyncStub, name: str, model: str) -> None:
        self.stub = stub
        self.name = name
        self.model = model

    def _call(self, model: str | None) -> pb.Call:
        name = model or self.model
        return pb.Call(operation=pb.OPERATION_CHAT, model=name, created=1_700_000_000, request_id="req_conformance")

    def _body(self, content: Any, more: dict[str, Any]) -> bytes:
        messages = [{"role": "user", "content": content}] if not isinstance(content, tuple) else list(content)
        return dumps({"model": f"{self.name}/{self.model}", "messages": messages, **more})

    async def whole(self, content: Any, *, model: str | None = None, **more: Any) -> ChatCompletion:
        """A whole answer, validated strictly."""
        answer = await self.raw(content, model=model, **more)
        assert not answer.HasField("error"), answer.error
        return ChatCompletion.model_validate(loads(answer.body), strict=True)

    async def raw(self, content: Any, *, model: str | None = None, **more: Any) -> pb.InvokeResponse:
        """A whole answer as it comes."""
        request = pb.InvokeRequest(call=self._call(model), body=self._body(content, more))
        answer: pb.InvokeResponse = await self.stub.Invoke(request)
        return answer

    async def frames(self, content: Any, *, model: str | None = None, **more: Any) -> list[pb.InvokeStreamResponse]:
        """A streamed answer's frames."""
        request = pb.InvokeStreamRequest(call=self._call(model), body=self._body(content, {"stream": True, **more}))
        return [frame async for frame in self.stub.InvokeStream(request)]

    async def chunks(self, content: Any, **more: Any) -> list[ChatCompletionChunk]:
        """A streamed answer's chunks, validated strictly; it must end with [DONE]."""
        frames = await self.frames(content, **more)
        assert not frames[-1].HasField("error"), frames[-1].error
        datas = [event.removeprefix(b"data: ") for f in frames for event in f.data.split(b"\n\n") if event]
        assert datas[-1] == b"[DONE]"
        return [ChatCompletionChunk.model_validate(loads(data), strict=True) for data in datas[:-1]]


def provider_at(name: str, table: dict[str, Any], address: str) -> Provider:
    """A provider; that of a cloud knows of the address from its environment."""
    module = importlib.import_module(f"unigate_{name}")
    if not table.get("identity"):
        provider: Provider = module.PROVIDER
        return provider
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(table["base_url"], address)
        made: Provider = module.provider_of(importlib.import_module(f"unigate_{name}.settings").place())
        return made


@pytest.fixture
def serve() -> Callable[[str, Vendor], AbstractAsyncContextManager[tuple[ProviderServicer, str]]]:
    """Opens what serves a provider's calls, before a vendor that is a function; gives one of its models, too."""

    @asynccontextmanager
    async def opened(name: str, vendor: Vendor) -> AsyncIterator[tuple[ProviderServicer, str]]:
        provider = provider_at(name, TABLES[name], VENDOR)
        secrets = VendorSettings(key=Secret(KEY), base_url=VENDOR)
        client = HttpxClient(httpx.MockTransport(vendor))
        async with open_adapter(provider, AdapterSettings(), secrets, client=client) as adapter:
            yield ProviderServicer(adapter, Telemetry(name, CollectorRegistry())), TABLES[name]["example"]

    return opened


class _Written:
    """What a servicer asks of a call: takes the frames of its answer."""

    def __init__(self) -> None:
        self.frames: list[Any] = []

    async def write(self, frame: Any) -> None:
        self.frames.append(frame)


@pytest.fixture
def ask() -> Callable[..., Awaitable[pb.Error]]:
    """Puts a call to a servicer, `whole`, `streamed` or as an `upload`; gives its error, an empty one for an answer."""

    async def asked(servicer: ProviderServicer, call: pb.Call, body: bytes, how: str) -> pb.Error:
        if how == "whole":
            return (await servicer.Invoke(pb.InvokeRequest(call=call, body=body), None)).error  # type: ignore[arg-type]
        written = _Written()
        if how == "streamed":
            await servicer.InvokeStream(pb.InvokeStreamRequest(call=call, body=body), written)  # type: ignore[arg-type]
            error: pb.Error = written.frames[-1].error
            return error
        await servicer.InvokeUpload(_upload(call, body), written)  # type: ignore[arg-type]
        last: pb.InvokeUploadResponse = written.frames[-1]
        return last.whole.error if last.HasField("whole") else last.part.error

    return asked


async def _upload(call: pb.Call, body: bytes) -> AsyncIterator[pb.InvokeUploadRequest]:
    yield pb.InvokeUploadRequest(call=call)
    yield pb.InvokeUploadRequest(chunk=body)


@pytest.fixture
def changed() -> Callable[[Any, Sequence[Any]], Iterator[Any]]:
    """Gives a JSON value with each of some values in each place, and without each of its members."""

    def changes(value: Any, odd: Sequence[Any]) -> Iterator[Any]:
        for path in _paths(value):
            for each in (*odd, ...):
                made = copy.deepcopy(value)
                place: Any = made
                for key in path[:-1]:
                    place = place[key]
                if each is ...:
                    del place[path[-1]]
                else:
                    place[path[-1]] = copy.deepcopy(each)
                yield made

    return changes


def _paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all members and elements."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*above, key)
        yield from _paths(each, (*above, key))


@pytest.fixture
def connect(simulator: str) -> Callable[[str], AbstractAsyncContextManager[Client]]:
    """Opens a provider's adapter in front of the simulator, and a client to it."""

    @asynccontextmanager
    async def opened(name: str) -> AsyncIterator[Client]:
        table = TABLES[name]
        provider = provider_at(name, table, simulator + table["simulator"])
        settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
        vendor = VendorSettings(key=Secret(KEY), base_url=simulator + table["simulator"])
        async with open_adapter(provider, settings, vendor) as adapter:
            server, _, port = await start(adapter, Telemetry(name, CollectorRegistry()), settings)
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield Client(provider_pb2_grpc.ProviderServiceStub(channel), name, table["example"])
            await server.stop(0)

    return opened


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test of this folder runs for each provider."""
    if "provider" in metafunc.fixturenames:
        metafunc.parametrize("provider", sorted(TABLES))
