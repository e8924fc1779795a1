"""docker-compose.yml beside what the services say of themselves."""

import hashlib

import pytest
import yaml

from tools.compose import configuration
from tools.discovery import ROOT, Adapter, adapters

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
FOLDER = ROOT / "deploy/compose"
RUNTIME_MADE = "./.run/compose"


@pytest.mark.parametrize("adapter", adapters(), ids=lambda adapter: adapter.provider)
def test_every_provider_has_a_container_with_its_key_and_base_url(adapter: Adapter) -> None:
    assert {adapter.key, adapter.base_url} <= SERVICES[adapter.provider]["environment"].keys()


def test_the_edge_waits_for_every_provider_and_the_store() -> None:
    assert SERVICES["edge"]["depends_on"].keys() == {adapter.provider for adapter in adapters()} | {"valkey"}


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_reachable_from_other_machines(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", SERVICES)
def test_every_mounted_file_exists_and_every_volume_is_declared(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        source = volume.partition(":")[0]
        if source.startswith("."):
            assert source == RUNTIME_MADE or (ROOT / source).exists()
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_exists_and_can_be_healthy(name: str) -> None:
    waits = SERVICES[name].get("depends_on", {})
    for other in waits:
        assert other in SERVICES
        if isinstance(waits, dict):
            # the project's own images bring their health check along
            assert "build" in SERVICES[other] or "healthcheck" in SERVICES[other]


def test_prometheus_scrapes_every_process_where_it_listens() -> None:
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    targets = {target for job in jobs for group in job["static_configs"] for target in group["targets"]}
    assert targets == {
        f"{name}:{service['environment']['UNIGATE_METRICS_LISTEN'].rpartition(':')[2]}"
        for name, service in SERVICES.items()
        if "UNIGATE_METRICS_LISTEN" in service.get("environment", {})
    }


def test_traces_go_from_every_process_over_the_collector_to_the_store() -> None:
    collector = yaml.safe_load((FOLDER / "otel-collector.yaml").read_text())
    tempo = yaml.safe_load((FOLDER / "tempo.yaml").read_text())
    port = collector["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].rpartition(":")[2]
    for name in ("edge", *(adapter.provider for adapter in adapters())):
        assert SERVICES[name]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://otel-collector:{port}"
    (exporter,) = collector["exporters"].values()
    store, _, store_port = exporter["endpoint"].partition(":")
    assert store in SERVICES
    assert tempo["distributor"]["receivers"]["otlp"]["protocols"]["grpc"]["endpoint"].endswith(f":{store_port}")


def test_grafana_knows_where_prometheus_and_the_traces_are() -> None:
    sources = yaml.safe_load((FOLDER / "grafana/provisioning/datasources/unigate.yaml").read_text())["datasources"]
    assert {source["url"].partition("://")[2].partition(":")[0] for source in sources} == {"prometheus", "tempo"}
    uids = {source["uid"] for source in sources}
    exemplars = [to for source in sources for to in source.get("jsonData", {}).get("exemplarTraceIdDestinations", ())]
    assert exemplars
    assert all(to["datasourceUid"] in uids for to in exemplars)


def test_grafana_provisions_the_dashboards_of_the_chart() -> None:
    (provider,) = yaml.safe_load((FOLDER / "grafana/provisioning/dashboards/unigate.yaml").read_text())["providers"]
    mounted = {volume.split(":")[1]: volume.split(":")[0] for volume in SERVICES["grafana"]["volumes"]}
    assert any((ROOT / mounted[provider["options"]["path"]]).glob("*.json"))


@pytest.mark.parametrize("name", SERVICES)
def test_no_image_is_the_latest(name: str) -> None:
    assert SERVICES[name]["image"].rpartition(":")[2] not in {"", "latest"}


def test_the_configuration_holds_the_keys_hash_alone() -> None:
    config = configuration("sk-made-up")
    assert config["keys"][0]["sha256"] == hashlib.sha256(b"sk-made-up").hexdigest()
    assert "sk-made-up" not in str(config)
