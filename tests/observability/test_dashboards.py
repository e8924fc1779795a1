"""The dashboards and alerts beside the metrics that there are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tools import metrics
from tools.dashboards.files import FOLDER, files
from tools.dashboards.grafana import WIDTH
from tools.discovery import ROOT

ALERTS = ROOT / "deploy/helm/unigate/alerts/unigate.yaml"
RULES = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
SERIES = {name for metric in [*metrics.edge_metrics(), *metrics.adapter_metrics()] for name in metric.series}
LABELS = {label for metric in [*metrics.edge_metrics(), *metrics.adapter_metrics()] for label in metric.labels}
# what Prometheus adds to every series, and to histograms
LABELS |= {"job", "instance", "le", "generation"}
WORDS = {
    "sum", "rate", "by", "on", "or", "and", "histogram_quantile", "topk", "bottomk", "sort", "sort_desc", "count",
    "min", "max", "time", "absent", "increase", "avg_over_time", "label_replace",
}  # fmt: skip
# labels in braces and after `by`, texts, and durations, are no names of series
NOT_SERIES = re.compile(r'\{(?:[^{}"]|"[^"]*")*\}|"[^"]*"|\b(?:by|on) \([^)]*\)|\[[^\]]*\]')
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
UNITS = {"reqps", "percentunit", "s", "none", "currencyUSD", "short", "bytes", "cps"}


def queries() -> Iterator[tuple[str, str]]:
    """Every query with the place it is in."""
    for name, text in files().items():
        for panel in json.loads(text)["panels"]:
            for target in panel.get("targets", ()):
                yield f"{name}: {panel['title']}", target["expr"]
    for rule in RULES:
        yield rule["alert"], rule["expr"]


QUERIES = tuple(queries())


def names(expression: str) -> set[str]:
    """The names of series in a query."""
    return set(NAME.findall(NOT_SERIES.sub(" ", expression))) - WORDS


def test_the_committed_dashboards_are_those_of_the_code() -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == files()


def test_the_committed_reference_is_that_of_the_code() -> None:
    assert metrics.REFERENCE.read_text() == metrics.reference(), "run `make metrics`"


@pytest.mark.parametrize(("place", "expression"), QUERIES)
def test_a_query_names_metrics_that_exist(place: str, expression: str) -> None:
    assert names(expression)
    assert names(expression) <= SERIES


@pytest.mark.parametrize(("place", "expression"), QUERIES)
def test_a_query_names_labels_that_exist(place: str, expression: str) -> None:
    matched = re.findall(r'(\w+)=~?"', expression)
    grouped = re.findall(r"\b(?:by|on) \(([^)]*)\)", expression)
    assert {*matched, *(label.strip() for group in grouped for label in group.split(","))} <= LABELS


def test_a_made_up_metric_would_be_noticed() -> None:
    assert not names('sum (rate(unigate_made_up_total{provider=~"a"}[5m]))') <= SERIES


@pytest.mark.parametrize("metric", sorted(name for name in SERIES if name.startswith(("unigate_", "gen_ai_"))))
def test_every_metric_of_ours_is_shown(metric: str) -> None:
    shown = {name for _, expression in QUERIES for name in names(expression)}
    family = re.sub(r"_(bucket|sum|count)$", "", metric)
    assert any(name.startswith(family) for name in shown)


@pytest.mark.parametrize("name", files())
def test_a_dashboard_uses_few_units_and_lays_panels_side_by_side(name: str) -> None:
    dashboard = json.loads(files()[name])
    assert {
        panel["fieldConfig"]["defaults"]["unit"]
        for panel in dashboard["panels"]
        if panel["type"] not in {"row", "table"}
    } <= UNITS
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert all(x < WIDTH for x, _ in cells)
        taken |= cells


@pytest.mark.parametrize(("name", "text"), files().items())
def test_no_panel_is_red_by_grafanas_own_limits(name: str, text: str) -> None:
    for panel in json.loads(text)["panels"]:
        if panel["type"] in {"stat", "bargauge", "timeseries"}:
            assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"]


@pytest.mark.parametrize(("place", "expression"), QUERIES)
def test_no_query_draws_a_line_of_its_own_for_what_does_not_exist(place: str, expression: str) -> None:
    assert "vector(" not in expression


def test_columns_of_a_table_have_names() -> None:
    for text in files().values():
        for panel in json.loads(text)["panels"]:
            if panel["type"] == "table":
                (organize,) = (each for each in panel["transformations"] if each["id"] == "organize")
                shown = organize["options"]["renameByName"]
                assert len(shown) >= len(panel["targets"])
                assert panel["options"]["sortBy"][0]["displayName"] in shown.values()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_has_a_severity_and_a_runbook(rule: dict[str, dict[str, str]]) -> None:
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    sections = re.findall(r"^## (\w+)$", (ROOT / path).read_text(), re.MULTILINE)
    assert anchor in {section.lower() for section in sections}
    assert rule["labels"]["severity"] in {"warning", "critical"}


def test_runbooks_name_panels_that_exist() -> None:
    named = re.findall(r"\*(\w+) → ([^*]+)\*", (ROOT / "docs/runbooks.md").read_text())
    assert named
    for dashboard, title in named:
        text = files()[f"{dashboard.lower()}.json"]
        assert " ".join(title.split()) in {panel["title"] for panel in json.loads(text)["panels"]}


def test_every_alert_is_tested_in_trouble_and_while_all_is_well() -> None:
    tests = yaml.safe_load((Path(__file__).parent / "alerts.yaml").read_text())["tests"]
    tested = {(rule["alertname"], bool(rule["exp_alerts"])) for test in tests for rule in test["alert_rule_test"]}
    assert tested == {(rule["alert"], fires) for rule in RULES for fires in (True, False)}
