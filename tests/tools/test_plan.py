"""What `make up` decides to start."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.discovery import Adapter, adapters
from tools.plan import Ports, Unusable, make_plan

ACME = Adapter("acme", "unigate_acme", "ACME_API_KEY", "ACME_BASE_URL", "/acme", "acme-1")


@pytest.fixture
def taken() -> Iterator[int]:
    """A loopback port that something listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def free() -> str:
    """A loopback port that nothing listens on."""
    return str(Ports().near(28080))


def test_a_provider_without_a_key_is_served_by_the_simulator(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free}, [ACME], tmp_path)
    simulator, adapter = plan.backends
    assert simulator.package == "unigate_simulator"
    assert adapter.settings["ACME_BASE_URL"] == f"http://127.0.0.1:{simulator.port}/acme"
    assert adapter.settings["ACME_API_KEY"]


def test_a_provider_with_a_key_talks_to_its_vendor(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free, "ACME_API_KEY": "a key"}, [ACME], tmp_path)
    assert [service.name for service in plan.backends] == ["acme"]
    assert "ACME_BASE_URL" not in plan.backends[0].settings


def test_a_base_url_of_the_users_own_is_kept(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free, "ACME_BASE_URL": "http://127.0.0.1:9"}, [ACME], tmp_path)
    assert "ACME_BASE_URL" not in plan.backends[0].settings


@pytest.mark.parametrize(
    ("variable", "name"), [("GROQ_API_KEY", "groq"), ("MISTRAL_API_KEY", "mistral"), ("OLLAMA_BASE_URL", "ollama")]
)
def test_a_known_vendor_is_started_by_its_key_or_address(free: str, tmp_path: Path, variable: str, name: str) -> None:
    plan = make_plan({"PORT": free, variable: "http://127.0.0.1:9/v1"}, [], tmp_path)
    (adapter,) = plan.backends
    assert (adapter.package, adapter.settings["UNIGATE_PRESET"]) == ("unigate_openai_compatible", name)
    assert plan.config["providers"][name]["target"] == f"127.0.0.1:{adapter.port}"


def test_a_vendor_of_whom_only_the_key_is_known_is_not_started(free: str, tmp_path: Path) -> None:
    assert make_plan({"PORT": free, "AWS_BEARER_TOKEN_BEDROCK": "k"}, [], tmp_path).backends == []
    settings = {"AWS_BEARER_TOKEN_BEDROCK": "k", "BEDROCK_MANTLE_BASE_URL": "https://r.example"}
    (mantle,) = make_plan({"PORT": free} | settings, [], tmp_path).backends
    assert mantle.settings["UNIGATE_BASE_URL"] == "https://r.example"


def test_a_key_of_a_known_vendor_is_told_to_its_adapter_alone(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free, "GROQ_API_KEY": "a-key"}, [ACME], tmp_path)
    assert [it.name for it in plan.backends if "a-key" in it.settings.values()] == ["groq"]
    assert "a-key" not in plan.served_by["groq"]


def test_a_provider_that_nobody_can_serve_is_not_started(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free}, [Adapter("odd", "unigate_odd", "ODD_KEY", "ODD_URL", None, None)], tmp_path)
    assert plan.backends == []
    assert "ODD_KEY" in plan.served_by["odd"]


def test_the_edge_is_told_where_each_adapter_listens(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free}, [ACME], tmp_path)
    assert plan.config["providers"]["acme"]["target"] == f"127.0.0.1:{plan.backends[-1].port}"


def test_the_users_configuration_is_kept_beside_the_targets(free: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("default_provider: acme\nproviders: {acme: {weight: 2}}\n")
    config = make_plan({"PORT": free, "CONFIG": str(mine)}, [ACME], tmp_path).config
    assert config["default_provider"] == "acme"
    assert config["providers"]["acme"].keys() == {"weight", "target"}


def test_an_adapter_that_runs_elsewhere_is_not_started(free: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("providers: {acme: {target: 'dns:///elsewhere:50051'}}\n")
    assert make_plan({"PORT": free, "CONFIG": str(mine)}, [ACME], tmp_path).backends == []


def test_a_port_in_use_is_refused_with_the_way_out(taken: int, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=rf"port {taken} is in use.*make up PORT="):
        make_plan({"PORT": str(taken)}, [ACME], tmp_path)


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(port: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="is no port"):
        make_plan({"PORT": port}, [ACME], tmp_path)


@pytest.mark.parametrize("text", ["- a list", "providers: [acme]", "{unclosed"])
def test_a_configuration_that_is_none_is_refused(text: str, free: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    with pytest.raises(Unusable, match="CONFIG="):
        make_plan({"PORT": free, "CONFIG": str(mine)}, [ACME], tmp_path)


def test_a_port_that_was_handed_out_is_not_handed_out_again() -> None:
    assert Ports().near(28200) != Ports().near(28200)


def test_no_two_processes_get_the_same_port(free: str, tmp_path: Path) -> None:
    plan = make_plan({"PORT": free}, adapters(), tmp_path)
    ports = [service.port for service in plan.backends]
    ports += [int(s.settings["UNIGATE_METRICS_LISTEN"].rpartition(":")[2]) for s in (*plan.backends[1:], plan.edge)]
    assert len(set(ports)) == len(ports)
