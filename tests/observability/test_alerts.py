"""The alerts by Prometheus's own tool."""

from collections.abc import Callable
from pathlib import Path

from tools.discovery import ROOT

Promtool = Callable[..., None]


def test_the_rules_are_well_formed(promtool: Promtool) -> None:
    promtool("check", "rules", *sorted((ROOT / "deploy/helm/unigate/alerts").glob("*.yaml")))


def test_the_alerts_fire_when_they_should(promtool: Promtool) -> None:
    promtool("test", "rules", Path(__file__).parent / "alerts.yaml")


def test_prometheus_takes_the_configuration_of_the_containers(promtool: Promtool) -> None:
    promtool("check", "config", "--syntax-only", ROOT / "deploy/compose/prometheus.yml")
