"""docker-compose.yml beside what the services say of themselves."""

import hashlib

import pytest
import yaml

from tools.compose import configuration
from tools.discovery import ROOT, Adapter, adapters

SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.mark.parametrize("adapter", adapters(), ids=lambda adapter: adapter.provider)
def test_every_provider_has_a_container_with_its_key_and_base_url(adapter: Adapter) -> None:
    assert {adapter.key, adapter.base_url} <= SERVICES[adapter.provider]["environment"].keys()


def test_the_edge_waits_for_every_provider() -> None:
    assert SERVICES["edge"]["depends_on"].keys() == {adapter.provider for adapter in adapters()}


def test_the_edge_is_reachable_from_this_machine_alone() -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["edge"]["ports"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_image_is_the_latest(name: str) -> None:
    assert SERVICES[name]["image"].rpartition(":")[2] not in {"", "latest"}


def test_the_configuration_holds_the_keys_hash_alone() -> None:
    config = configuration("sk-made-up")
    assert config["keys"][0]["sha256"] == hashlib.sha256(b"sk-made-up").hexdigest()
    assert "sk-made-up" not in str(config)
