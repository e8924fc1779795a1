"""NetworkPolicies: every path in use is allowed, and no other."""

from collections.abc import Callable
from importlib import import_module
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from msgspec.structs import fields

from tools.discovery import adapters
from unigate_formats.neutral.translation import Translation

Manifest = dict[str, Any]
Chart = Callable[..., Any]
Find = Callable[..., Any]

ANYONE = None
NATIVE = [adapter for adapter in adapters() if adapter.package != "unigate_openai_compatible"]


def fetches(package: str) -> bool:
    """Whether an adapter inlines what clients name by URL, by its own record."""
    (nothing,) = (field.default for field in fields(Translation) if field.name == "inline")
    provider = import_module(package).PROVIDER
    served = [
        it for each in (provider, *(family for _, family in provider.families)) for it in each.operations.values()
    ]
    return any(isinstance(it, Translation) and it.inline is not nothing for it in served)


def peers(rule: Manifest, direction: str) -> list[Any]:
    """Who a rule is about: components, or selectors as they are; None where it is everyone."""
    if direction not in rule:
        return [ANYONE]
    labels = [peer.get("podSelector", {}).get("matchLabels", {}) for peer in rule[direction]]
    return [
        label.get("app.kubernetes.io/component") or label.get("app.kubernetes.io/name") or peer
        for label, peer in zip(labels, rule[direction], strict=True)
    ]


def paths(policy: Manifest, kind: str) -> set[tuple[int, Any]]:
    """What a policy allows, as (port, peer)."""
    direction = {"ingress": "from", "egress": "to"}[kind]
    return {
        (port["port"], peer if peer is None or isinstance(peer, str) else "other")
        for rule in policy["spec"].get(kind, [])
        for port in rule["ports"]
        for peer in peers(rule, direction)
    }


def test_every_pod_has_a_policy_for_both_directions(chart: Chart) -> None:
    rendering = chart("full")
    pods = {it["metadata"]["name"] for it in rendering if it["kind"] in {"Deployment", "Pod", "Job"}}
    policies = {it["metadata"]["name"]: it for it in rendering if it["kind"] == "NetworkPolicy"}
    assert policies.keys() == pods
    assert all(it["spec"]["policyTypes"] == ["Ingress", "Egress"] for it in policies.values())


def test_every_policy_selects_its_pods_and_no_others(chart: Chart) -> None:
    rendering = chart("full")
    labels = {it["metadata"]["name"]: it["metadata"]["labels"] for it in rendering if it["kind"] == "Pod"}
    for it in (it for it in rendering if it["kind"] in ("Deployment", "Job")):
        labels[it["metadata"]["name"]] = it["spec"]["template"]["metadata"]["labels"]
    for policy in (it for it in rendering if it["kind"] == "NetworkPolicy"):
        selector = policy["spec"]["podSelector"]["matchLabels"].items()
        assert [name for name, own in labels.items() if selector <= own.items()] == [policy["metadata"]["name"]]


def test_the_test_may_call_the_edge_where_nothing_else_is_allowed(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-test")
    assert paths(policy, "egress") == {(8080, "edge"), (53, ANYONE)}
    assert paths(policy, "ingress") == set()


def test_anyone_may_call_the_edge_and_monitoring_may_scrape_it(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-edge")
    assert paths(policy, "ingress") == {(8080, ANYONE), (9463, "other")}


def test_the_edge_may_call_adapters_and_dns_only(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-edge")
    adapters = {(50051, provider) for provider in ("openai", "anthropic", "gemini", "deepseek")}
    assert paths(policy, "egress") == adapters | {(53, ANYONE)}


def test_only_the_edge_may_call_an_adapter(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-openai")
    assert paths(policy, "ingress") == {(50051, "edge"), (9464, "other")}


def test_an_adapter_may_call_https_and_dns_only(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-openai")
    assert paths(policy, "egress") == {(443, ANYONE), (53, ANYONE)}


MEDIA = {adapter.provider: fetches(adapter.package) for adapter in NATIVE}


@pytest.mark.parametrize(("provider", "fetched"), MEDIA.items())
def test_an_adapter_that_fetches_what_clients_name_may_reach_public_addresses(
    chart: Chart, find: Find, provider: str, fetched: bool
) -> None:
    settings = (f"providers.{provider}.enabled=true", f"providers.{provider}.baseUrl=https://vendor.example")
    policy = find(chart("default", *settings), "NetworkPolicy", f"unigate-{provider}")
    rules = [rule for rule in policy["spec"]["egress"] if any("ipBlock" in peer for peer in rule.get("to", ()))]
    assert [port["port"] for rule in rules for port in rule["ports"]] == [80, 443] * fetched


def test_no_private_address_is_a_place_for_media(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-gemini")
    blocks = [peer["ipBlock"] for rule in policy["spec"]["egress"] for peer in rule.get("to", ()) if "ipBlock" in peer]
    excepted = [ip_network(each) for block in blocks for each in block["except"]]
    for address in ("10.0.0.1", "100.64.0.1", "172.20.0.1", "192.168.1.1", "169.254.169.254", "fd00:ec2::254", "::1"):
        assert any(ip_address(address) in network for network in excepted)


def test_fetching_can_be_forbidden(chart: Chart, find: Find) -> None:
    policy = find(chart("default", "providers.gemini.fetchesMedia=false"), "NetworkPolicy", "unigate-gemini")
    assert paths(policy, "egress") == {(443, ANYONE), (53, ANYONE)}


def test_a_simulated_adapter_may_not_reach_the_internet(chart: Chart, find: Find) -> None:
    policy = find(chart("simulator"), "NetworkPolicy", "unigate-openai")
    assert paths(policy, "egress") == {(4010, "simulator"), (53, ANYONE)}


def test_the_simulator_hears_its_adapters_and_calls_nobody(chart: Chart, find: Find) -> None:
    policy = find(chart("simulator"), "NetworkPolicy", "unigate-simulator")
    adapters = {(4010, adapter.provider) for adapter in NATIVE if adapter.simulator}
    assert paths(policy, "ingress") == adapters
    assert paths(policy, "egress") == set()


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://vllm.models.svc:8000/v1", 8000),
        ("http://vllm.models.svc/v1", 80),
        ("https://api.example.com/v1", 443),
        ("https://api.example.com:8443", 8443),
    ],
)
def test_an_adapter_may_call_the_port_of_its_base_url(chart: Chart, find: Find, url: str, port: int) -> None:
    rendering = chart("default", "providers.own.kind=openai-compatible", f"providers.own.baseUrl={url}")
    assert paths(find(rendering, "NetworkPolicy", "unigate-own"), "egress") == {(port, ANYONE), (53, ANYONE)}


@pytest.mark.parametrize(
    ("url", "port"),
    [("redis://valkey", 6379), ("rediss://u:p@valkey.data:6380/0", 6380), ("redis://valkey:7000", 7000)],
)
def test_the_edge_may_call_the_state_store(chart: Chart, find: Find, url: str, port: int) -> None:
    policy = find(chart("default", f"state.url={url}"), "NetworkPolicy", "unigate-edge")
    assert (port, ANYONE) in paths(policy, "egress")


def test_the_port_of_a_state_url_in_a_secret_comes_from_the_values(chart: Chart, find: Find) -> None:
    policy = find(chart("existing-secrets"), "NetworkPolicy", "unigate-edge")
    assert (6380, ANYONE) in paths(policy, "egress")


def test_no_adapter_may_call_the_state_store(chart: Chart, find: Find) -> None:
    policy = find(chart("default", "state.url=redis://valkey"), "NetworkPolicy", "unigate-openai")
    assert 6379 not in {port for port, _ in paths(policy, "egress")}


def test_traces_may_leave_only_when_they_are_on(chart: Chart, find: Find) -> None:
    rendering = chart("default", "tracing.endpoint=http://otel.observability:4317")
    for name in ("unigate-edge", "unigate-openai"):
        assert (4317, ANYONE) in paths(find(rendering, "NetworkPolicy", name), "egress")
        assert (4317, ANYONE) not in paths(find(chart(), "NetworkPolicy", name), "egress")


def test_callers_can_be_narrowed_without_shutting_the_test_out(chart: Chart, find: Find) -> None:
    rendering = chart("full")
    policy = find(rendering, "NetworkPolicy", "unigate-edge")
    assert (8080, ANYONE) not in paths(policy, "ingress")
    assert (8080, "unigate-test") in paths(policy, "ingress")
    test = find(rendering, "Pod", "unigate-test")
    assert test["metadata"]["labels"]["app.kubernetes.io/name"] == "unigate-test"


def test_vendors_can_be_narrowed_to_addresses(chart: Chart, find: Find) -> None:
    policy = find(chart("full"), "NetworkPolicy", "unigate-openai")
    assert (443, ANYONE) not in paths(policy, "egress")
    assert (443, "other") in paths(policy, "egress")


def test_an_egress_proxy_may_have_a_port_of_its_own(chart: Chart, find: Find) -> None:
    policy = find(chart("default", "networkPolicy.vendorPorts={3128}"), "NetworkPolicy", "unigate-openai")
    assert paths(policy, "egress") == {(3128, ANYONE), (53, ANYONE)}


def test_policies_can_be_left_out(chart: Chart) -> None:
    assert not [it for it in chart("compatible") if it["kind"] == "NetworkPolicy"]


IDENTITIES = {
    "eks-pod-identity": {("169.254.170.23/32", 80), ("fd00:ec2::23/128", 80)},
    "gke": {(f"169.254.169.{end}/32", port) for end in (252, 254) for port in (80, 988)},
    "instance": {("169.254.169.254/32", 80)},
    "irsa": set(),
    "aks": set(),
}


@pytest.mark.parametrize(("identity", "addresses"), IDENTITIES.items())
def test_only_the_identity_in_use_may_be_asked(
    chart: Chart, find: Find, identity: str, addresses: set[tuple[str, int]]
) -> None:
    settings = (f"providers.bedrock.cloud.identity={identity}", "providers.bedrock.fetchesMedia=false")
    policy = find(chart("default", *settings), "NetworkPolicy", "unigate-bedrock")
    allowed = {
        (peer["ipBlock"]["cidr"], port["port"])
        for rule in policy["spec"]["egress"]
        for peer in rule.get("to", ())
        for port in rule["ports"]
    }
    assert allowed == addresses
    assert (443, ANYONE) in paths(policy, "egress")


def test_the_store_of_the_chart_hears_the_edge_alone(chart: Chart, find: Find) -> None:
    rendering = chart("simulator")
    policy = find(rendering, "NetworkPolicy", "unigate-valkey")
    assert paths(policy, "ingress") == {(6379, "edge")}
    assert paths(policy, "egress") == set()
    assert (6379, "valkey") in paths(find(rendering, "NetworkPolicy", "unigate-edge"), "egress")


def test_the_job_may_call_the_api_server_alone(chart: Chart, find: Find) -> None:
    policy = find(chart(), "NetworkPolicy", "unigate-prepare")
    assert paths(policy, "egress") == {(443, ANYONE), (6443, ANYONE), (8443, ANYONE), (16443, ANYONE)}
    assert paths(policy, "ingress") == set()


def test_the_ports_of_pods_behind_services_can_be_named(chart: Chart, find: Find) -> None:
    rendering = chart(
        "default",
        "providers.ollama.preset=ollama",
        "providers.ollama.baseUrl=http://ollama.models/v1",
        "providers.ollama.networkPorts[0]=8000",
        "state.url=redis://valkey.data/0",
        "networkPolicy.statePorts[0]=16379",
        "tracing.endpoint=http://collector.observability:4317",
        "networkPolicy.tracingPorts[0]=14317",
        "networkPolicy.apiServerPorts[0]=7443",
        "auth.keyAdministration.enabled=true",
        "edge.serviceAccount.create=true",
    )
    edge = {port for port, _ in paths(find(rendering, "NetworkPolicy", "unigate-edge"), "egress")}
    assert edge == {53, 50051, 16379, 14317, 7443}
    ollama = {port for port, _ in paths(find(rendering, "NetworkPolicy", "unigate-ollama"), "egress")}
    assert ollama == {53, 8000, 14317}
