"""The script that `helm test` runs, against a gateway that runs."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tools.chart import CHART


@pytest.fixture(scope="module")
def script(cluster: Any) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run the script with an API key and models."""
    edge = cluster.edge()

    def run(key: str, models: str, **others: str) -> "subprocess.CompletedProcess[str]":
        settings = {"GATEWAY": f"http://{edge.address}:{edge.port}", "API_KEY": key, "MODELS": models, **others}
        command = [sys.executable, str(CHART / "files" / "completion.py")]
        return subprocess.run(command, env=settings, capture_output=True, text=True, check=False)

    return run


def test_a_completion_passes(script: Callable[..., Any]) -> None:
    done = script("made-up", "openai/gpt-4.1-mini")
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"finish_reason": "stop"' in done.stdout


@pytest.mark.parametrize(
    ("key", "models", "told"),
    [
        ("wrong", "openai/gpt-4.1-mini", "401"),
        ("made-up", "openai/gpt-4.1-mini,openai/sim-429", "429"),
        ("", "openai/gpt-4.1-mini", "no api-key"),
    ],
)
def test_a_failure_fails_and_says_why(script: Callable[..., Any], key: str, models: str, told: str) -> None:
    done = script(key, models)
    assert done.returncode == 1
    assert told in done.stdout


def test_a_gateway_that_stays_away_is_a_failure_and_not_a_traceback(script: Callable[..., Any]) -> None:
    done = script("made-up", "openai/gpt-4.1-mini", GATEWAY="http://127.0.0.1:1", PATIENCE_SECONDS="0")
    assert done.returncode == 1
    assert "http://127.0.0.1:1 is not reached" in done.stdout
    assert done.stderr == ""


def test_a_gateway_that_is_starting_is_waited_for(script: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        late = threading.Thread(target=serve, args=(place, b"503 Late", b"200 OK"))
        late.start()
        done = script("made-up", "x/y", GATEWAY=f"http://127.0.0.1:{place.getsockname()[1]}")
        late.join()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not yet: HTTP Error 503" in done.stdout


def serve(place: socket.socket, *statuses: bytes) -> None:
    """Answer completions with some statuses, one after the other."""
    for status in statuses:
        connection, _ = place.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.0 " + status + b'\r\ncontent-length: 15\r\n\r\n{"choices":[1]}')


def test_without_a_model_to_ask_the_list_of_models_is_enough(script: Callable[..., Any]) -> None:
    done = script("made-up", "")
    assert done.returncode == 0
    assert "gpt-4.1-mini" in done.stdout
