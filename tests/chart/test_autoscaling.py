"""Autoscalers: one per workload, of the kind that was asked for."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Chart = Callable[..., Any]
Find = Callable[..., Any]

METRICS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"

CPU = "defaults.resources.requests.cpu=250m"
"""What pods were seen to use, as autoscaling by CPU needs it."""


def test_nothing_scales_by_itself_by_default(chart: Chart) -> None:
    assert not [it for it in chart() if it["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}]


def test_every_workload_has_at_most_one_autoscaler(chart: Chart) -> None:
    names = [
        it["metadata"]["name"] for it in chart("full") if it["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}
    ]
    assert len(set(names)) == len(names)


def test_an_autoscaler_targets_a_deployment_that_exists(chart: Chart, find: Find) -> None:
    rendering = chart("full")
    for it in rendering:
        if it["kind"] in {"HorizontalPodAutoscaler", "ScaledObject"}:
            find(rendering, "Deployment", it["spec"]["scaleTargetRef"]["name"])


def test_the_plain_autoscaler_needs_the_resource_metrics_only(chart: Chart, find: Find) -> None:
    rendering = chart("default", CPU, "providers.openai.autoscaling.enabled=true")
    (metric,) = find(rendering, "HorizontalPodAutoscaler", "unigate-openai")["spec"]["metrics"]
    assert metric["resource"] == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}


def test_the_plain_autoscaler_takes_requests_in_flight_where_they_are_served(chart: Chart, find: Find) -> None:
    metrics = find(chart("full"), "HorizontalPodAutoscaler", "unigate-openai")["spec"]["metrics"]
    assert [metric["type"] for metric in metrics] == ["Resource", "Pods"]


@pytest.mark.parametrize("name", ["edge", "gemini"])
def test_each_plain_autoscaler_takes_its_own_workloads_gauge(chart: Chart, find: Find, name: str) -> None:
    settings = (CPU, "defaults.autoscaling.enabled=true", "defaults.autoscaling.inFlightMetric=auto")
    rendering = chart("simulator", *settings)
    *_, pods = find(rendering, "HorizontalPodAutoscaler", f"unigate-{name}")["spec"]["metrics"]
    metric = pods["pods"]["metric"]["name"]
    assert metric == ("unigate_requests_in_flight" if name == "edge" else "unigate_adapter_in_flight")
    assert f"`{metric}`" in METRICS.read_text()


def test_the_simulator_has_no_gauge_to_scale_on(chart: Chart, find: Find) -> None:
    settings = (CPU, "simulator.autoscaling.enabled=true", "simulator.autoscaling.inFlightMetric=auto")
    (metric,) = find(chart("simulator", *settings), "HorizontalPodAutoscaler", "unigate-simulator")["spec"]["metrics"]
    assert metric["type"] == "Resource"


def test_a_workload_without_a_gauge_is_scaled_by_cpu_where_keda_is_asked_for(chart: Chart) -> None:
    rendering = chart("simulator", CPU, "simulator.autoscaling.enabled=true", "simulator.autoscaling.kind=keda")
    assert [it["kind"] for it in rendering if "autoscal" in it["apiVersion"]] == ["HorizontalPodAutoscaler"]


def test_an_autoscaler_without_any_metric_is_refused(refusal: Callable[..., str]) -> None:
    answer = refusal("edge.autoscaling.enabled=true", "edge.autoscaling.targetCPU=0")
    assert "edge: autoscaling.kind hpa needs targetCPU or inFlightMetric" in answer


def test_bounds_the_wrong_way_round_are_refused(refusal: Callable[..., str]) -> None:
    answer = refusal("edge.autoscaling.enabled=true", "edge.autoscaling.minReplicas=11")
    assert "edge: autoscaling.minReplicas is above autoscaling.maxReplicas" in answer


@pytest.mark.parametrize("name", ["edge", "openai"])
def test_keda_scales_on_requests_in_flight(chart: Chart, find: Find, name: str) -> None:
    rendering = chart("default", "defaults.autoscaling.enabled=true", "defaults.autoscaling.kind=keda")
    (trigger,) = find(rendering, "ScaledObject", f"unigate-{name}")["spec"]["triggers"]
    metric, pods = re.fullmatch(r'sum\((\w+)\{namespace="llm",pod=~"(.*)"\}\)', trigger["metadata"]["query"]).groups()  # type: ignore[union-attr]
    assert f"`{metric}`" in METRICS.read_text()
    assert re.fullmatch(pods, f"unigate-{name}-7d9f8b6c5d-x2x4k")


def test_keda_counts_no_other_workloads_pods(chart: Chart, find: Find) -> None:
    rendering = chart("default", "edge.autoscaling.enabled=true", "edge.autoscaling.kind=keda")
    (trigger,) = find(rendering, "ScaledObject", "unigate-edge")["spec"]["triggers"]
    (pods,) = re.findall(r'pod=~"([^"]*)"', trigger["metadata"]["query"])
    assert not re.fullmatch(pods, "unigate-edge-canary-7d9f8b6c5d-x2x4k")


def test_a_query_of_the_operators_own_knows_the_workload(chart: Chart, find: Find) -> None:
    (trigger,) = find(chart("full"), "ScaledObject", "unigate-deepseek")["spec"]["triggers"]
    assert trigger["metadata"]["query"] == 'sum(custom{deployment="unigate-deepseek",namespace="llm"})'


def test_a_lost_prometheus_is_no_reason_to_scale_down(chart: Chart, find: Find) -> None:
    spec = find(chart("full"), "ScaledObject", "unigate-edge")["spec"]
    assert spec["fallback"]["replicas"] > spec["minReplicaCount"]
    assert spec["triggers"][0]["metadata"]["ignoreNullValues"] == "false"


def test_cpu_is_no_measure_while_its_request_is_a_guess(refusal: Callable[..., str]) -> None:
    assert "100m is the chart's guess" in refusal("providers.openai.autoscaling.enabled=true")
