"""What a container answers when it is asked for its health."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import ModuleType

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

Script = Callable[[str], ModuleType]


class Ready(BaseHTTPRequestHandler):
    """An edge that is ready, and nothing else."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def web() -> Iterator[int]:
    """The port of a server that is ready."""
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def adapter() -> Iterator[tuple[int, health.HealthServicer]]:
    """The port of a gRPC server and what sets its health."""
    servicer = health.HealthServicer()
    server = grpc.server(ThreadPoolExecutor(2))
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield port, servicer
    server.stop(None).wait()


def ask(script: Script, monkeypatch: pytest.MonkeyPatch, **environment: str) -> int:
    """Return what the check of a container with this environment exits with."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    status: int = script("healthcheck").main()
    return status


def test_an_edge_that_is_ready_is_healthy(script: Script, monkeypatch: pytest.MonkeyPatch, web: int) -> None:
    assert ask(script, monkeypatch, UNIGATE_SERVICE="unigate_edge", UNIGATE_PORT=str(web)) == 0


def test_a_refusal_is_not_health(script: Script, monkeypatch: pytest.MonkeyPatch, web: int) -> None:
    listen = f"0.0.0.0:{web}"
    assert ask(script, monkeypatch, UNIGATE_SERVICE="unigate_simulator", UNIGATE_SIMULATOR_LISTEN=listen) == 1


@pytest.mark.parametrize(("status", "code"), [("SERVING", 0), ("NOT_SERVING", 1)])
def test_an_adapter_is_as_healthy_as_its_server_says(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    adapter: tuple[int, health.HealthServicer],
    status: str,
    code: int,
) -> None:
    port, servicer = adapter
    servicer.set("", health_pb2.HealthCheckResponse.ServingStatus.Value(status))
    assert ask(script, monkeypatch, UNIGATE_SERVICE="unigate_openai", UNIGATE_LISTEN=f"[::]:{port}") == code


def test_an_adapter_that_is_gone_is_not_healthy(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(script, monkeypatch, UNIGATE_SERVICE="unigate_openai", UNIGATE_LISTEN="127.0.0.1:1") == 1
