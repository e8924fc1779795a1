"""The script that `helm test` runs, against a gateway that runs."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tools.chart import CHART


@pytest.fixture(scope="module")
def script(cluster: Any) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Run the script with an API key and models."""
    edge = cluster.edge()

    def run(key: str, models: str) -> "subprocess.CompletedProcess[str]":
        settings = {"GATEWAY": f"http://{edge.address}:{edge.port}", "API_KEY": key, "MODELS": models}
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


def test_without_a_model_to_ask_the_list_of_models_is_enough(script: Callable[..., Any]) -> None:
    done = script("made-up", "")
    assert done.returncode == 0
    assert "gpt-4.1-mini" in done.stdout
