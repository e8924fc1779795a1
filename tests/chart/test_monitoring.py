"""What Prometheus and Grafana are told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.chart import CHART, Manifest, run_helm

Chart = Callable[..., Any]
Find = Callable[..., Any]

RULES = {
    "groups": [
        {"name": "made-up", "rules": [{"alert": "Late", "expr": "up == 0", "annotations": {"s": "{{ $value }}"}}]}
    ]
}


@pytest.fixture
def rendered_copy(tmp_path: Path) -> Callable[..., list[Manifest]]:
    """Render a copy of the chart with other dashboards and alerts: `rendered_copy({"dashboards/x.json": "{}"})`."""

    def of(files: dict[str, str]) -> list[Manifest]:
        copy = shutil.copytree(CHART, tmp_path / "chart", ignore=shutil.ignore_patterns("dashboards", "alerts"))
        for name, text in files.items():
            (copy / name).parent.mkdir(exist_ok=True)
            (copy / name).write_text(text)
        switches = ["--set", "metrics.rules.enabled=true", "--set", "metrics.dashboards.enabled=true"]
        return [
            it
            for it in yaml.safe_load_all(
                run_helm("template", "unigate", copy, "--values", CHART / "ci" / "default-values.yaml", *switches)
            )
            if it
        ]

    return of


def test_no_custom_resource_is_made_unless_asked_for(chart: Chart) -> None:
    assert not [
        it["kind"] for it in chart() if "." in it["apiVersion"].split("/")[0] and "k8s.io" not in it["apiVersion"]
    ]


def test_a_service_monitor_finds_every_workload_with_metrics(chart: Chart, find: Find) -> None:
    rendering = chart("full")
    spec = find(rendering, "ServiceMonitor", "unigate")["spec"]
    found = {
        it["metadata"]["labels"]["app.kubernetes.io/component"]
        for it in rendering
        if it["kind"] == "Service"
        and spec["selector"]["matchLabels"].items() <= it["metadata"]["labels"].items()
        and spec["endpoints"][0]["port"] in {port["name"] for port in it["spec"]["ports"]}
    }
    deployed = {it["metadata"]["name"] for it in rendering if it["kind"] == "Deployment"}
    assert {f"unigate-{component}" for component in found} == deployed - {"unigate-simulator"}


def test_a_pod_monitor_finds_every_workload_with_metrics(chart: Chart, find: Find) -> None:
    rendering = chart("existing-secrets")
    spec = find(rendering, "PodMonitor", "unigate")["spec"]
    for it in (it for it in rendering if it["kind"] == "Deployment"):
        labels = it["spec"]["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items()


def test_monitors_carry_the_labels_that_prometheus_selects_by(chart: Chart, find: Find) -> None:
    assert find(chart("full"), "ServiceMonitor", "unigate")["metadata"]["labels"]["release"] == "prometheus"


def test_every_file_of_alerts_goes_into_the_rule(rendered_copy: Callable[..., list[Manifest]], find: Find) -> None:
    other = {"groups": [{"name": "other", "rules": []}]}
    rendering = rendered_copy({"alerts/a.yaml": yaml.safe_dump(RULES), "alerts/b.yaml": yaml.safe_dump(other)})
    assert find(rendering, "PrometheusRule", "unigate")["spec"]["groups"] == RULES["groups"] + other["groups"]


def test_every_dashboard_becomes_a_config_map_as_it_is(
    rendered_copy: Callable[..., list[Manifest]], find: Find
) -> None:
    text = json.dumps({"title": "{{ model }} — `x`", "panels": []}, indent=2)
    config = find(rendered_copy({"dashboards/over_view.json": text}), "ConfigMap", "unigate-dashboard-over-view")
    assert config["data"] == {"over_view.json": text}
    assert config["metadata"]["labels"]["grafana_dashboard"] == "1"


def test_a_chart_without_alerts_and_dashboards_renders(rendered_copy: Callable[..., list[Manifest]]) -> None:
    kinds = {it["kind"] for it in rendered_copy({})}
    assert "PrometheusRule" not in kinds
