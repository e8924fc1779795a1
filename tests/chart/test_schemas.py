"""Everything that the chart renders is what Kubernetes takes."""

from collections.abc import Callable
from typing import Any

import pytest

from tools.chart import CHART, VERSIONS, HelmFailed, faults, run_helm, scenarios


@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
@pytest.mark.parametrize("scenario", list(scenarios()))
def test_every_object_is_valid(chart: Callable[..., Any], scenario: str, version: str) -> None:
    wrong = [fault for manifest in chart(scenario, version=version) for fault in faults(manifest, version)]
    assert wrong == []


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_switched_on_is_valid_for_each_version(chart: Callable[..., Any], version: str) -> None:
    wrong = [fault for manifest in chart("full", version=version) for fault in faults(manifest, version)]
    assert wrong == []


def test_the_validation_notices_a_wrong_type() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"ports": [{"port": "80"}]}}
    assert list(faults(wrong, "1.37")) != []


def test_lint_has_no_complaint() -> None:
    assert "0 chart(s) failed" in run_helm("lint", "--strict", CHART)


def test_the_chart_refuses_clusters_older_than_it_supports() -> None:
    with pytest.raises(HelmFailed, match="requires kubeVersion"):
        run_helm("template", CHART, "--kube-version", "1.26")


def test_names_are_unique_within_a_kind(everything: Any) -> None:
    names = [(it["kind"], it["metadata"]["name"]) for it in everything]
    assert sorted(set(names)) == sorted(names)


def test_every_object_is_in_the_releases_namespace(everything: Any) -> None:
    assert {it["metadata"]["namespace"] for it in everything} == {"llm"}


def test_every_object_has_the_common_labels(chart: Callable[..., Any]) -> None:
    assert {it["metadata"]["labels"].get("team") for it in chart("full")} == {"platform"}
