"""The whole gateway as a newcomer gets it: simulator, all adapters and the edge as real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openai import AsyncOpenAI, OpenAI

from tools.discovery import adapters
from tools.plan import Plan, Ports, Service, is_free, make_plan
from unigate_simulator import identity_api

PATIENCE = 60.0
# adapters ask these for a token in the background, at any time
TOKEN_SERVICES = frozenset(vendor.name for vendor in (identity_api.STS, identity_api.ENTRA, identity_api.GOOGLE))


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait for a condition of another process."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"not {what} after {PATIENCE} s"
        time.sleep(0.02)


@dataclass
class System:
    """The running processes by name."""

    plan: Plan
    folder: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The edge's base URL."""
        return f"http://127.0.0.1:{self.plan.edge.port}"

    @property
    def simulator(self) -> str:
        """The simulator's base URL."""
        return f"http://127.0.0.1:{self.service('simulator').port}"

    def service(self, name: str) -> Service:
        """One of the plan's services."""
        return next(each for each in [*self.plan.backends, self.plan.edge] if each.name == name)

    def start(self, name: str) -> None:
        """Start a process and wait until it listens."""
        service = self.service(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                service.command, env=self.environment | service.settings, stdout=log, stderr=log
            )
        until(lambda: not is_free(service.port), f"{name} listening")

    def signal(self, name: str, number: signal.Signals) -> subprocess.Popen[bytes]:
        """Signal a process."""
        process = self.processes[name]
        process.send_signal(number)
        return process

    def ready(self) -> bool:
        """Whether the edge reaches every adapter."""
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
            return all(
                state == "ready" for state in httpx.Response(200, content=answer.read()).json()["providers"].values()
            )
        return False

    def log(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text()


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[System]:
    """A running gateway in front of the simulator, one for each worker."""
    folder = tmp_path_factory.mktemp("system")
    base = 20000 + 200 * (int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 99)
    keyless = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    config = folder / "base.yaml"
    config.write_text(yaml.safe_dump({"heartbeat": {"first_event": 0.5, "interval": 0.3}}))
    plan = make_plan({**keyless, "PORT": str(Ports().near(base)), "CONFIG": str(config)}, adapters(), folder)
    (folder / "unigate.yaml").write_text(yaml.safe_dump(plan.config))
    settings = {"UNIGATE_SIMULATOR_EVENT_MS": "5", "UNIGATE_DRAIN_SECONDS": "20", "UNIGATE_METRICS_LISTEN": ""}
    running = System(plan, folder, {**keyless, **settings})
    try:
        for service in plan.backends:
            service.settings["UNIGATE_METRICS_LISTEN"] = ""
            running.start(service.name)
        running.start("edge")
        until(running.ready, "ready")
        yield running
    finally:
        for process in running.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
def client(system: System) -> Iterator[OpenAI]:
    """The official SDK, pointed at the gateway."""
    with OpenAI(base_url=f"{system.url}/v1", api_key="none-needed", max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(system: System) -> Any:
    """The official SDK's asynchronous form."""
    async with AsyncOpenAI(base_url=f"{system.url}/v1", api_key="none-needed", max_retries=0) as made:
        yield made


@pytest.fixture
def vendor_log(system: System) -> Callable[[], list[dict[str, Any]]]:
    """What the simulated vendors received during this test, except lists of models and what hands out tokens."""
    httpx.delete(f"{system.simulator}/_sim/requests")

    def entries() -> list[dict[str, Any]]:
        seen = httpx.get(f"{system.simulator}/_sim/requests").json()["requests"]
        return [entry for entry in seen if entry["method"] == "POST" and entry["vendor"] not in TOKEN_SERVICES]

    return entries


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for a model run for one of each provider."""
    if "model" in metafunc.fixturenames:
        examples = [f"{each.provider}/{each.example}" for each in adapters() if each.simulator and each.example]
        metafunc.parametrize("model", examples)
