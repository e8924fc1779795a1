"""A second edge in front of the running adapters, with short patience, chains of models and metrics to read."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tools.plan import Ports

PATIENCE = 60.0
FAULTS = ("400", "401", "429", "500", "503", "stall", "stall-mid", "cut", "slow")


@dataclass
class Gate:
    """The edge's process, its configuration, and what it counts."""

    url: str
    metrics: str
    file: Path
    config: dict[str, Any]
    process: subprocess.Popen[bytes]
    client: httpx.Client

    def chat(self, model: str, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
        """POST a chat completion request."""
        body = {"model": model, "messages": [{"role": "user", "content": "hello there"}]} | members
        return self.client.post("/v1/chat/completions", json=body, headers=headers)

    def count(self, name: str, **labels: str) -> float:
        """The sum of a metric's values with these labels."""
        with urllib.request.urlopen(self.metrics, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = [line for line in lines if re.match(rf"{name}[{{ ]", line) and all(each in line for each in wanted)]
        return sum(float(line.rsplit(" ", 1)[1]) for line in found)

    def configure(self, config: dict[str, Any] | str) -> None:
        """Replace the file and have it read."""
        new = self.file.with_suffix(".new")
        new.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
        before = self.count("unigate_config_reloads_total")
        new.replace(self.file)
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.count("unigate_config_reloads_total") > before)

    def log(self) -> str:
        """What the process has written."""
        return self.file.with_name("edge.log").read_text()

    def until(self, ready: Callable[[], bool]) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not ready():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def ready(url: str) -> bool:
    """Whether the edge reaches every adapter."""
    try:
        states = httpx.get(f"{url}/readyz").json()["providers"].values()
    except httpx.TransportError:
        return False
    return all(state == "ready" for state in states)


@pytest.fixture(scope="module")
def gate(system: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    """The edge."""
    folder = tmp_path_factory.mktemp("gate")
    ports = Ports()
    port, metrics = ports.near(21000), ports.near(22000)
    config = {
        "providers": system.plan.config["providers"],
        "timeouts": {"first_byte": 0.6, "idle": 0.6, "whole": 1.5, "total": 8},
        "circuit": {"failures": 0},
        "aliases": {f"chain-{fault}": [f"openai/sim-{fault}", "deepseek/deepseek-chat"] for fault in FAULTS},
    }
    file = folder / "unigate.yaml"
    file.write_text(yaml.safe_dump(config))
    settings = system.environment | {
        "UNIGATE_CONFIG": str(file),
        "UNIGATE_PORT": str(port),
        "UNIGATE_METRICS_LISTEN": f"127.0.0.1:{metrics}",
        "UNIGATE_RELOAD_SECONDS": "0",
    }
    with (folder / "edge.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "unigate_edge"], env=settings, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        running = Gate(url, f"http://127.0.0.1:{metrics}/metrics", file, config, process, client)
        try:
            running.until(lambda: ready(url))
            yield running
        finally:
            process.kill()
            process.wait()
