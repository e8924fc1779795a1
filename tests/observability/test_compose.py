"""docker-compose.yml by the Compose Specification's own schema, and what its containers are configured with.

compose-spec.json is `schema/compose-spec.json` of https://github.com/compose-spec/compose-spec, unchanged, under the
Apache License 2.0.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tools import metrics
from tools.dashboards.files import files
from tools.discovery import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
FOLDER = ROOT / "deploy/compose"
COLLECTOR = yaml.safe_load((FOLDER / "otel-collector.yaml").read_text())
SOURCES = {
    source["uid"]: source
    for source in yaml.safe_load((FOLDER / "grafana/provisioning/datasources/unigate.yaml").read_text())["datasources"]
}


def test_the_file_is_one_of_the_compose_specification() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(COMPOSE)


def test_a_made_up_key_would_be_noticed() -> None:
    made_up = {"services": {"edge": {"image": "edge", "portz": []}}}
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(made_up)


@pytest.mark.parametrize("name", ["prometheus", "otel-collector", "tempo"])
def test_a_container_reads_the_configuration_that_is_mounted(name: str) -> None:
    (read,) = (word.partition("=")[2] for word in SERVICES[name]["command"] if "config" in word)
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in SERVICES[name]["volumes"]}
    assert (ROOT / mounted[read]).is_file()


def test_the_rules_that_prometheus_reads_are_mounted_alerts() -> None:
    (rules,) = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["rule_files"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in SERVICES["prometheus"]["volumes"]}
    folder, _, pattern = rules.rpartition("/")
    assert list((ROOT / mounted[folder]).glob(pattern))


@pytest.mark.parametrize("kind", ["receivers", "processors", "exporters"])
def test_the_collectors_pipelines_use_all_that_is_declared_and_nothing_else(kind: str) -> None:
    pipelines = COLLECTOR["service"]["pipelines"].values()
    assert {name for pipeline in pipelines for name in pipeline[kind]} == COLLECTOR[kind].keys()


def test_grafana_reckons_rates_from_the_interval_of_the_scrapes() -> None:
    scrapes = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["global"]["scrape_interval"]
    assert SOURCES["prometheus"]["jsonData"]["timeInterval"] == scrapes


def test_prometheus_keeps_the_exemplars_that_grafana_links_to_traces() -> None:
    assert "--enable-feature=exemplar-storage" in SERVICES["prometheus"]["command"]
    (link,) = SOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert SOURCES[link["datasourceUid"]]["type"] == "tempo"


def test_traces_lead_to_metrics_and_labels_that_exist() -> None:
    link = SOURCES["tempo"]["jsonData"]["tracesToMetrics"]
    assert SOURCES[link["datasourceUid"]]["type"] == "prometheus"
    known = {
        series: each.labels for each in [*metrics.edge_metrics(), *metrics.adapter_metrics()] for series in each.series
    }
    for query in link["queries"]:
        (asked,) = re.findall(r"\((\w+)\{\$\$__tags\}", query["query"])
        assert {tag["value"] for tag in link["tags"]} <= set(known[asked])


@pytest.mark.parametrize("name", files())
def test_a_dashboard_asks_a_data_source_of_a_kind_that_is_provisioned(name: str) -> None:
    (variable,) = (each for each in json.loads(files()[name])["templating"]["list"] if each["type"] == "datasource")
    assert variable["query"] in {source["type"] for source in SOURCES.values()}


def test_grafana_opens_a_dashboard_that_exists_and_may_explore() -> None:
    environment = SERVICES["grafana"]["environment"]
    assert Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]).name in files()
    assert environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Editor"
