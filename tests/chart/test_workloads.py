"""What holds for every Deployment, whatever the values."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

Manifest = dict[str, Any]
Find = Callable[..., Any]


def pods(everything: Any) -> Iterator[tuple[str, Manifest]]:
    """Every pod's name and spec, the test's too."""
    for it in everything:
        if it["kind"] == "Deployment":
            yield it["metadata"]["name"], it["spec"]["template"]["spec"]
        elif it["kind"] == "Pod":
            yield it["metadata"]["name"], it["spec"]


def containers(everything: Any) -> Iterator[Manifest]:
    for _, pod in pods(everything):
        yield from pod["containers"]


def test_every_image_is_pinned(everything: Any) -> None:
    for container in containers(everything):
        assert re.search(r"(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$", container["image"])


def test_a_digest_replaces_the_tag(chart: Callable[..., Any], find: Find) -> None:
    deployment = find(chart("full"), "Deployment", "unigate-openai")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("mirror.example.com/openai@sha256:")


def test_images_are_named_by_registry_repository_and_service(chart: Callable[..., Any], find: Find) -> None:
    deployment = find(chart("full"), "Deployment", "unigate-vllm")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "registry.example.com/llm/unigate-openai-compatible:1.2.3"


def test_every_container_requests_cpu_and_has_a_memory_limit(everything: Any) -> None:
    for container in containers(everything):
        assert container["resources"]["requests"]["cpu"]
        assert container["resources"]["limits"]["memory"]


def test_no_container_runs_as_root(everything: Any) -> None:
    for _, pod in pods(everything):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0


def test_no_container_can_gain_or_keep_privileges(everything: Any) -> None:
    for container in containers(everything):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"] == {"drop": ["ALL"]}


def test_the_root_file_system_is_read_only(everything: Any) -> None:
    assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in containers(everything))


def test_every_pod_has_the_default_seccomp_profile(everything: Any) -> None:
    assert all(pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"} for _, pod in pods(everything))


def test_no_pod_gets_a_token_of_the_api_server(everything: Any) -> None:
    assert all(pod["automountServiceAccountToken"] is False for _, pod in pods(everything))


def test_service_links_cannot_overwrite_settings(everything: Any) -> None:
    # a Service called `unigate` would set UNIGATE_PORT=tcp://...
    assert all(pod["enableServiceLinks"] is False for _, pod in pods(everything))


def test_every_workload_has_three_probes(workloads: list[Manifest]) -> None:
    for container in containers(workloads):
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()


def test_every_probe_asks_a_port_that_the_container_has(workloads: list[Manifest]) -> None:
    for container in containers(workloads):
        ports = {port["name"] for port in container["ports"]} | {port["containerPort"] for port in container["ports"]}
        for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
            action = container[kind].get("httpGet") or container[kind]["grpc"]
            assert action["port"] in ports


def test_the_edge_is_live_and_ready_by_different_paths(chart: Callable[..., Any], find: Find) -> None:
    (container,) = containers([find(chart(), "Deployment", "unigate-edge")])
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_selectors_match_their_pods(workloads: list[Manifest]) -> None:
    for it in workloads:
        labels = it["spec"]["template"]["metadata"]["labels"]
        assert it["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_no_two_workloads_select_the_same_pods(workloads: list[Manifest]) -> None:
    selectors = [tuple(sorted(it["spec"]["selector"]["matchLabels"].items())) for it in workloads]
    assert len(set(selectors)) == len(selectors)


def test_a_new_chart_version_alone_restarts_no_pod(workloads: list[Manifest]) -> None:
    for it in workloads:
        labels = it["spec"]["template"]["metadata"]["labels"]
        assert not {"helm.sh/chart", "app.kubernetes.io/version"} & labels.keys()


def test_no_variable_is_set_twice(workloads: list[Manifest]) -> None:
    for container in containers(workloads):
        names = [variable["name"] for variable in container["env"]]
        assert len(set(names)) == len(names)


def test_an_operators_variable_replaces_the_charts(chart: Callable[..., Any], find: Find) -> None:
    (container,) = containers([find(chart("full"), "Deployment", "unigate-openai")])
    assert [it["value"] for it in container["env"] if it["name"] == "UNIGATE_LISTEN"] == ["[::]:50051"]


def test_every_mount_has_its_volume(everything: Any) -> None:
    for _, pod in pods(everything):
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        mounts = {mount["name"] for container in pod["containers"] for mount in container.get("volumeMounts", ())}
        assert mounts <= volumes


def test_sleep_drain_and_margin_fill_the_grace_period(workloads: list[Manifest]) -> None:
    for it in workloads:
        pod = it["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        (drain,) = (int(v["value"]) for v in container["env"] if v["name"] == "UNIGATE_DRAIN_SECONDS")
        sleep = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert sleep + drain + 5 == pod["terminationGracePeriodSeconds"]


def test_running_requests_get_almost_five_minutes_by_default(chart: Callable[..., Any], find: Find) -> None:
    (container,) = containers([find(chart(), "Deployment", "unigate-edge")])
    (drain,) = (int(v["value"]) for v in container["env"] if v["name"] == "UNIGATE_DRAIN_SECONDS")
    assert drain >= 295


def test_a_stopping_pod_outlasts_what_dns_caches_remember_of_it(chart: Callable[..., Any], find: Find) -> None:
    (container,) = containers([find(chart(), "Deployment", "unigate-openai")])
    assert container["lifecycle"]["preStop"]["sleep"]["seconds"] >= 30


@pytest.mark.parametrize(("version", "action"), [("1.29", "exec"), ("1.30", "sleep")])
def test_the_pre_stop_hook_is_one_that_the_cluster_knows(
    chart: Callable[..., Any], find: Find, version: str, action: str
) -> None:
    (container,) = containers([find(chart(version=version), "Deployment", "unigate-edge")])
    assert list(container["lifecycle"]["preStop"]) == [action]


def test_a_rollout_never_goes_below_the_wanted_number(workloads: list[Manifest]) -> None:
    assert all(it["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0 for it in workloads)


def test_pods_spread_over_zones_and_nodes(chart: Callable[..., Any]) -> None:
    for name, pod in pods(chart()):
        if name != "unigate-test":
            keys = [constraint["topologyKey"] for constraint in pod["topologySpreadConstraints"]]
            assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]


def test_an_autoscaled_workload_leaves_its_number_to_the_autoscaler(chart: Callable[..., Any], find: Find) -> None:
    assert "replicas" not in find(chart("full"), "Deployment", "unigate-edge")["spec"]


def test_every_disruption_budget_lets_a_node_be_drained(everything: Any) -> None:
    budgets = [it for it in everything if it["kind"] == "PodDisruptionBudget"]
    assert all(it["spec"]["maxUnavailable"] for it in budgets)
    assert all("minAvailable" not in it["spec"] for it in budgets)


def test_the_test_pod_goes_where_the_edge_may_go(chart: Callable[..., Any], find: Find) -> None:
    settings = ("edge.nodeSelector.pool=gateway", "edge.tolerations[0].key=gateway")
    test = find(chart("default", *settings), "Pod", "unigate-test")["spec"]
    assert test["nodeSelector"] == {"pool": "gateway"}
    assert test["tolerations"] == [{"key": "gateway"}]


def test_the_test_pod_asks_for_resources(chart: Callable[..., Any], find: Find) -> None:
    (container,) = find(chart(), "Pod", "unigate-test")["spec"]["containers"]
    assert container["resources"].keys() == {"requests", "limits"}


def test_workloads_may_share_an_account(chart: Callable[..., Any]) -> None:
    accounts = [it for it in chart("default", "defaults.serviceAccount.name=all") if it["kind"] == "ServiceAccount"]
    assert {it["metadata"]["name"] for it in accounts} == {"all", "unigate-prepare"}


def test_a_pods_spec_may_have_more_fields(chart: Callable[..., Any], find: Find) -> None:
    rendering = chart("default", "providers.openai.podSpec.dnsConfig.options[0].name=ndots")
    specs = dict(pods(rendering))
    assert specs["unigate-openai"]["dnsConfig"] == {"options": [{"name": "ndots"}]}
    assert "dnsConfig" not in specs["unigate-edge"]


def test_everything_listens_where_pods_have_ipv6_addresses_alone(chart: Callable[..., Any]) -> None:
    for container in containers(chart("simulator", "listenAddress=::")):
        listens = {it["name"]: it["value"] for it in container["env"] if it["name"].endswith("LISTEN")}
        # gRPC takes 0.0.0.0 for every address
        assert all(value.startswith("::") for name, value in listens.items() if name != "UNIGATE_LISTEN")


def test_the_test_pod_is_no_workloads_pod(everything: Any) -> None:
    (test,) = (it for it in everything if it["kind"] == "Pod")
    for it in everything:
        if it["kind"] == "Deployment":
            assert not it["spec"]["selector"]["matchLabels"].items() <= test["metadata"]["labels"].items()
