"""A real Prometheus, the whole gateway and the demo's load: every panel and every alert has something to show."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tools import dashboards, demo_load, metrics
from tools.discovery import ROOT, adapters
from tools.plan import Ports, is_free, make_plan

SECONDS = 15
PATIENCE = 90
KEYS = {"demo": "sk-demo", "small": "sk-small", "cached": "sk-cached"}
CONFIG: dict[str, Any] = {
    "keys": [
        {"name": name, "sha256": sha256(key.encode()).hexdigest(), "cache": name == "cached"}
        | ({"limits": {"requests_per_minute": 20}} if name == "small" else {})
        for name, key in KEYS.items()
    ],
    "aliases": {"demo-fallback": ["openai/sim-503", "anthropic/claude-sonnet-4-5"]},
    "circuit": {"failures": 3},
    "retries": {"attempts": 2, "budget": 0.01, "when": ["server_error", "overloaded"], "backoff": 0.01},
    "shedding": {"max_in_flight": 6},
}
SILENT = {
    # without a shared store it cannot be down
    "unigate_limit_store_down_total",
    # the simulated vendors send nothing that has no place in an answer
    "unigate_ignored_native_events_total",
}
"""Metrics of which the demo shows nothing."""


def until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < deadline, f"not {what} after {PATIENCE} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def ask(program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Asks Prometheus a query, at the end of the demo."""
    folder = tmp_path_factory.mktemp("observed")
    keyless = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    base, ports = folder / "base.yaml", Ports()
    base.write_text(yaml.safe_dump(CONFIG))
    port = str(ports.near(12000 + os.getpid() % 7000))
    plan = make_plan({**keyless, "PORT": port, "CONFIG": str(base)}, adapters(), folder)
    (folder / "unigate.yaml").write_text(yaml.safe_dump(plan.config))
    scraper = ports.near(19000 + os.getpid() % 1000)
    (folder / "prometheus.yml").write_text(yaml.safe_dump(scraping(plan)))
    prometheus = [
        program("prometheus"), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address=127.0.0.1:{scraper}", "--enable-feature=exemplar-storage",
    ]  # fmt: skip
    with ExitStack() as stack:
        edge = None
        for service in [*plan.backends, plan.edge]:
            if service is plan.edge:
                until(lambda: all(not is_free(each.port) for each in plan.backends), "listening")
            edge = spawn(stack, folder, service.name, service.command, keyless | service.settings)
        spawn(stack, folder, "prometheus", prometheus, keyless)
        url = f"http://127.0.0.1:{plan.edge.port}"
        until(lambda: ready(url), "ready")
        until(lambda: not is_free(scraper), "scraping")
        asyncio.run(demo_load.load(url, list(KEYS.values()), SECONDS))
        changed = plan.config | {"drop_unsupported": True}
        (folder / "unigate.yaml").write_text(yaml.safe_dump(changed))
        assert edge is not None
        edge.send_signal(signal.SIGHUP)
        time.sleep(2.5)  # two more scrapes
        yield lambda query: patient(scraper, query)


def scraping(plan: Any) -> dict[str, Any]:
    """Prometheus's configuration, with the jobs of docker-compose.yml."""
    listening = {each.name: each.settings.get("UNIGATE_METRICS_LISTEN") for each in [*plan.backends, plan.edge]}
    jobs = {"edge": ["edge"], "adapters": [name for name in listening if name != "edge" and listening[name]]}
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
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


def ready(url: str) -> bool:
    """Whether the edge reaches every adapter."""
    with suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
        return set(json.load(answer)["providers"].values()) == {"ready"}
    return False


def patient(port: int, query: str) -> Any:
    """What Prometheus answers. A gauge is gone while a busy machine is late for a scrape, and back with the next."""
    deadline = time.monotonic() + 4
    while not (found := result(port, query)) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def result(port: int, query: str) -> Any:
    """What Prometheus answers."""
    url = f"http://127.0.0.1:{port}/api/v1/query"
    answer = httpx.get(url, params={"query": query}, timeout=10, trust_env=False).json()
    assert answer["status"] == "success", answer
    return [sample["value"][1] for sample in answer["data"]["result"] if sample["value"][1] != "NaN"]


PANELS = [
    (f"{name}: {panel['title']}", target["expr"])
    for name, text in dashboards.files().items()
    for panel in json.loads(text)["panels"]
    for target in panel.get("targets", ())
]
RULES = [
    rule
    for path in (ROOT / "deploy/helm/unigate/alerts").glob("*.yaml")
    for group in yaml.safe_load(path.read_text())["groups"]
    for rule in group["rules"]
]
REFERENCE = sorted({metric for side in (metrics.edge_metrics(), metrics.adapter_metrics()) for metric in side}, key=str)


def empty_panels(ask: Callable[[str], Any]) -> list[tuple[str, str]]:
    """The panels that show nothing, with their queries."""
    empty = []
    for place, expression in PANELS:
        query = re.sub(r"\$(provider|model|key)\b", ".*", expression.replace("$__rate_interval", f"{SECONDS}s"))
        if not ask(query):
            empty.append((place, expression))
    return empty


def blind_alerts(ask: Callable[[str], Any]) -> list[str]:
    """The alerts whose condition has nothing to compare."""
    conditions = {rule["alert"]: re.sub(r"\s*(>|<|==)\s*[\d.]+\s*$", "", rule["expr"]) for rule in RULES}
    return [name for name, left in conditions.items() if not left.startswith("absent(") and not ask(left)]


def missing_metrics(ask: Callable[[str], Any]) -> set[str]:
    """The metrics of the reference without data."""
    names = {metric.name + ("_count" if metric.kind == "histogram" else "") for metric in REFERENCE}
    return {name for name in names if not ask(name)}


# one test, for workers of pytest-xdist would each start a gateway for a part of several
def test_every_panel_alert_and_metric_has_data_under_the_demos_load(ask: Callable[[str], Any]) -> None:
    until(lambda: ask("up") == ["1"] * (1 + len(adapters())), "seen up by Prometheus")
    assert empty_panels(ask) == []
    assert blind_alerts(ask) == []
    assert missing_metrics(ask) == SILENT
