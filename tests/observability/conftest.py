"""Where Prometheus's programs are, and a system whose signals can be looked at."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client import CollectorRegistry

from unigate_adapter.adapter import open_adapter
from unigate_adapter.http.httpx_client import HttpxClient
from unigate_adapter.server import start
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import Secret
from unigate_core.tracing.sdk import Tracing
from unigate_core.tracing.start import open_tracing
from unigate_edge.app import Edge
from unigate_edge.authentication import ANYONE
from unigate_edge.config.model import parse_config
from unigate_edge.gateway import Gateway
from unigate_edge.telemetry.requests import Telemetry as EdgeTelemetry
from unigate_openai import PROVIDER

HINT = "{} is missing; Debian and Ubuntu have it in the package `prometheus`: apt-get install -y prometheus"


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program. Without it the test is skipped, aloud; where changes are judged (CI) it fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(HINT.format(name))
        return path

    return find


@pytest.fixture
def promtool(program: Callable[[str], str]) -> Callable[..., None]:
    """Run promtool; its complaints fail the test."""

    def run(*arguments: str | Path) -> None:
        result = subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr

    return run


class Vendor:
    """An OpenAI that answers what a test tells it to, and remembers the headers of calls."""

    def __init__(self) -> None:
        self.headers: list[httpx.Headers] = []
        self.answers: list[httpx.Response] = []
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Serve a request."""
        if request.url.path.endswith("/models"):
            return httpx.Response(200, json={"object": "list", "data": [{"id": "small", "object": "model"}]})
        self.headers.append(request.headers)
        self.asked.set()
        if self.answers:
            return self.answers.pop(0)
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError


class Receiver(TraceServiceServicer):
    """An OTLP endpoint in this process."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []

    async def Export(  # noqa: N802 - gRPC's name
        self, request: ExportTraceServiceRequest, context: object
    ) -> ExportTraceServiceResponse:
        """Take spans."""
        for resource in request.resource_spans:
            (service,) = (a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            self.spans += [(service, span) for scope in resource.scope_spans for span in scope.spans]
        return ExportTraceServiceResponse()


@dataclass
class System:
    """An edge and an adapter in this process, in front of a vendor made up."""

    vendor: Vendor
    receiver: Receiver
    edge: Edge
    client: httpx.AsyncClient
    metrics: tuple[CollectorRegistry, CollectorRegistry]
    tracings: tuple[Tracing | None, Tracing | None]

    async def chat(self, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """Ask for a chat completion."""
        body = {"model": "openai/small", "messages": [{"role": "user", "content": "SECRET-CONTENT"}]} | members
        return await self.client.post("/v1/chat/completions", json=body, headers=headers or {})

    async def spans(self) -> list[tuple[str, Span]]:
        """All spans so far, in the order of their starts."""
        for tracing in self.tracings:
            if tracing is not None:
                await asyncio.to_thread(tracing.flush)
        return sorted(self.receiver.spans, key=lambda entry: entry[1].start_time_unix_nano)


@pytest.fixture
def edge_settings() -> str:
    """Further lines of the edge's configuration; tests that need some parametrize it."""
    return ""


@pytest.fixture
def vendor() -> Vendor:
    """The vendor."""
    return Vendor()


@pytest.fixture
def environment() -> dict[str, str]:
    """Further variables of the processes' environment; tests that need some parametrize it."""
    return {}


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> AsyncIterator[Receiver]:
    """The OTLP endpoint, and the environment that names it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    server, receiver = grpc.aio.server(), Receiver()
    add_TraceServiceServicer_to_server(receiver, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    yield receiver
    await server.stop(None)


@asynccontextmanager
async def running(vendor: Vendor, receiver: Receiver, edge_settings: str) -> AsyncIterator[System]:
    """Both processes' insides, as the environment says."""
    tracings = (open_tracing("unigate-edge"), open_tracing("unigate-openai"))
    client = HttpxClient(httpx.MockTransport(vendor))
    settings = AdapterSettings(listen="127.0.0.1:0", metrics_listen="")
    secrets = VendorSettings(key=Secret("sk-secret-vendor-key"))
    async with open_adapter(PROVIDER, settings, secrets, client=client, tracing=tracings[1]) as adapter:
        registry = CollectorRegistry()
        await adapter.models.all()
        telemetry = Telemetry("openai", registry, knows=adapter.models.knows, tracing=tracings[1])
        server, _, port = await start(adapter, telemetry, settings)
        config = parse_config(f"providers: {{openai: {{target: '127.0.0.1:{port}'}}}}\n{edge_settings}")
        gateway = Gateway.of(config, EdgeTelemetry(tracing=tracings[0]))
        edge = Edge(gateway)
        transport = httpx.ASGITransport(edge)
        async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as http:
            await gateway.registry.models(ANYONE)
            yield System(vendor, receiver, edge, http, (gateway.telemetry.registry, registry), tracings)
        await server.stop(None)
    for tracing in tracings:
        if tracing is not None:
            await asyncio.to_thread(tracing.close)


@pytest.fixture
async def system(vendor: Vendor, receiver: Receiver, edge_settings: str) -> AsyncIterator[System]:
    """The system, with traces."""
    async with running(vendor, receiver, edge_settings) as system:
        yield system
