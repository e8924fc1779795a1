"""A real Prometheus, the whole gateway and the demo's load: every panel and every alert has something to show."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import yaml

from tools import metrics
from tools.dashboards.files import files
from tools.demo_system import running, until
from tools.discovery import ROOT, adapters

SECONDS = 15
WITHOUT_STORE, TOO_BUSY = 3, 2


@pytest.fixture(scope="module")
def ask(program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Asks Prometheus a query, at the end of the demo."""
    program("prometheus")
    with running(tmp_path_factory.mktemp("observed"), event_ms=2) as demo:
        asyncio.run(demo.load_without_store(WITHOUT_STORE))
        asyncio.run(demo.load(SECONDS))
        asyncio.run(demo.load(TOO_BUSY, at_once=24))
        demo.reload()
        time.sleep(2.5)  # two more scrapes
        end = time.time()
        yield lambda query: around(demo.prometheus, query, end)


def around(url: str, query: str, moment: float) -> Any:
    """What Prometheus answers for a moment, or for one shortly before: on a busy machine a scrape may be late."""
    return next(filter(None, (result(url, query, moment - earlier) for earlier in (0, 1, 2, 4, 8))), [])


def result(url: str, query: str, moment: float) -> Any:
    """What Prometheus answers for a moment, in seconds since the epoch."""
    params: dict[str, str | float] = {"query": query, "time": moment}
    answer = httpx.get(f"{url}/api/v1/query", params=params, timeout=10, trust_env=False).json()
    assert answer["status"] == "success", answer
    return [sample["value"][1] for sample in answer["data"]["result"] if sample["value"][1] != "NaN"]


PANELS = [
    (f"{name}: {panel['title']}", target["expr"])
    for name, text in files().items()
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
        query = re.sub(r"\$__(rate_interval|range)\b", f"{WITHOUT_STORE + SECONDS + TOO_BUSY + 3}s", expression)
        query = re.sub(r"\$(provider|model|key|job)\b", ".*", query)
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
    assert missing_metrics(ask) == set()
