"""Services: who is found where, and by whom."""

from collections.abc import Callable
from typing import Any

import yaml

Manifest = dict[str, Any]


def test_every_port_of_a_service_is_a_port_of_its_pods(everything: Any) -> None:
    deployments = [it for it in everything if it["kind"] in ("Deployment", "StatefulSet")]
    for service in (it for it in everything if it["kind"] == "Service"):
        selector = service["spec"]["selector"]
        (pod,) = (
            it["spec"]["template"]["spec"]
            for it in deployments
            if selector.items() <= it["spec"]["template"]["metadata"]["labels"].items()
        )
        names = {port["name"] for container in pod["containers"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def test_a_providers_service_is_headless_so_that_the_edge_sees_every_pod(
    chart: Callable[..., Any], find: Callable[..., Any]
) -> None:
    service = find(chart(), "Service", "unigate-anthropic")
    assert service["spec"]["clusterIP"] == "None"
    assert {"name": "grpc", "port": 50051, "targetPort": "grpc", "appProtocol": "grpc"} in service["spec"]["ports"]


def test_the_edges_targets_are_the_providers_services(everything: Any) -> None:
    services = {it["metadata"]["name"] for it in everything if it["kind"] == "Service"}
    for provider in edge_config(everything)["providers"].values():
        host, _, port = provider["target"].removeprefix("dns:///").rpartition(":")
        assert port == "50051"
        assert host.removesuffix(".cluster.local.").removesuffix(".llm.svc") in services


def test_targets_are_whole_names_where_the_clusters_domain_is_known(chart: Callable[..., Any]) -> None:
    providers = edge_config(chart("default", "clusterDomain=cluster.local"))["providers"]
    assert providers["openai"]["target"] == "dns:///unigate-openai.llm.svc.cluster.local.:50051"


def test_a_services_spec_may_have_more_fields(chart: Callable[..., Any], find: Callable[..., Any]) -> None:
    settings = ("edge.service.type=LoadBalancer", "edge.service.spec.loadBalancerSourceRanges={10.0.0.0/8}")
    spec = find(chart("default", *settings), "Service", "unigate-edge")["spec"]
    assert spec["loadBalancerSourceRanges"] == ["10.0.0.0/8"]
    assert spec["type"] == "LoadBalancer"


def test_an_ingress_passes_streams_and_uploads_on_by_default(
    chart: Callable[..., Any], find: Callable[..., Any]
) -> None:
    annotations = find(chart("default", "ingress.enabled=true"), "Ingress", "unigate-edge")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/proxy-buffering"] == "off"
    # the edge takes forms of 64 MiB
    assert annotations["nginx.ingress.kubernetes.io/proxy-body-size"] == "64m"


def test_every_deployed_provider_is_a_target_of_the_edge(everything: Any) -> None:
    components = {
        it["metadata"]["labels"]["app.kubernetes.io/component"] for it in everything if it["kind"] == "Deployment"
    }
    assert edge_config(everything)["providers"].keys() == components - {"edge", "simulator"}


def test_metrics_are_not_behind_the_public_load_balancer(chart: Callable[..., Any], find: Callable[..., Any]) -> None:
    service = find(chart("full"), "Service", "unigate-edge")
    assert service["spec"]["type"] == "LoadBalancer"
    assert [port["name"] for port in service["spec"]["ports"]] == ["http"]


def test_routes_lead_to_the_edges_service(chart: Callable[..., Any], find: Callable[..., Any]) -> None:
    rendering = chart("full")
    ingress = find(rendering, "Ingress", "unigate-edge")["spec"]["rules"][0]["http"]["paths"][0]["backend"]
    route = find(rendering, "HTTPRoute", "unigate-edge")["spec"]["rules"][0]["backendRefs"][0]
    (port,) = find(rendering, "Service", "unigate-edge")["spec"]["ports"]
    assert ingress == {"service": {"name": "unigate-edge", "port": {"name": port["name"]}}}
    assert route == {"name": "unigate-edge", "port": port["port"]}


def test_a_gateway_does_not_cut_long_streams(chart: Callable[..., Any], find: Callable[..., Any]) -> None:
    (rule,) = find(chart("full"), "HTTPRoute", "unigate-edge")["spec"]["rules"]
    assert rule["timeouts"] == {"request": "0s"}


def edge_config(rendering: Any) -> Manifest:
    """The edge's configuration as its pods see it."""
    for it in rendering:
        if it["kind"] == "ConfigMap" and "unigate.yaml" in it["data"]:
            config: Manifest = yaml.safe_load(it["data"]["unigate.yaml"])
            return config
    raise AssertionError("there is no unigate.yaml")
