"""Secrets and upgrades: nothing random is rendered, and only what must restart does."""

import json
from collections.abc import Callable
from typing import Any

import pytest

Chart = Callable[..., Any]
Find = Callable[..., Any]


def pods(rendering: Any) -> dict[str, Any]:
    """The pod templates by workload: what differs, restarts."""
    return {it["metadata"]["name"]: it["spec"]["template"] for it in rendering if it["kind"] == "Deployment"}


def restarted(before: Any, after: Any) -> set[str]:
    old, new = pods(before), pods(after)
    return {name for name in new if old.get(name) != new[name]}


def test_two_renderings_are_the_same(chart: Chart) -> None:
    assert json.dumps(chart("simulator")) == json.dumps(chart("simulator", "nameOverride="))


def test_no_rendering_holds_a_secret_of_the_gateway(everything: Any) -> None:
    made = {"unigate-api-key", "unigate-keys", "unigate-seal", "unigate-valkey"}
    assert not made & {it["metadata"]["name"] for it in everything if it["kind"] == "Secret"}


def job_environment(rendering: Any, find: Find) -> dict[str, str]:
    (container,) = find(rendering, "Job", "unigate-prepare")["spec"]["template"]["spec"]["containers"]
    return {it["name"]: it["value"] for it in container["env"]}


def test_the_job_makes_the_secrets_that_pods_mount(chart: Chart, find: Find) -> None:
    rendering = chart("simulator")
    made = job_environment(rendering, find)
    edge = json.dumps(find(rendering, "Deployment", "unigate-edge"))
    adapter = json.dumps(find(rendering, "Deployment", "unigate-openai"))
    store = json.dumps(find(rendering, "StatefulSet", "unigate-valkey"))
    assert made["UNIGATE_PREPARE_KEYS_SECRET"] in edge
    assert made["UNIGATE_PREPARE_STORE_SECRET"] in edge
    assert made["UNIGATE_PREPARE_STORE_SECRET"] in store
    assert made["UNIGATE_PREPARE_SEAL_SECRET"] in adapter
    assert made["UNIGATE_PREPARE_STORE_HOST"] == "unigate-valkey.llm.svc:6379"


def test_the_job_may_touch_what_it_makes_and_nothing_else(chart: Chart, find: Find) -> None:
    rendering = chart("simulator")
    create, change = find(rendering, "Role", "unigate-prepare")["rules"]
    assert create["verbs"] == ["create"]
    secrets = {value for name, value in job_environment(rendering, find).items() if name.endswith("_SECRET")}
    assert set(change["resourceNames"]) == secrets
    assert set(change["verbs"]) == {"get", "patch"}


def test_a_job_that_makes_nothing_has_no_rights(chart: Chart, find: Find) -> None:
    rendering = chart("existing-secrets")
    assert not [it for it in rendering if it["kind"] == "Role"]
    pod = find(rendering, "Job", "unigate-prepare")["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False


def test_an_edge_that_changes_keys_may_touch_the_one_secret(
    chart: Chart, find: Find, refusal: Callable[..., str]
) -> None:
    on = "auth.keyAdministration.enabled=true"
    rendering = chart("simulator", on)
    (rule,) = find(rendering, "Role", "unigate-keys")["rules"]
    assert (rule["resources"], rule["verbs"], rule["resourceNames"]) == (
        ["secrets"],
        ["get", "patch"],
        ["unigate-keys"],
    )
    (subject,) = find(rendering, "RoleBinding", "unigate-keys")["subjects"]
    edge = find(rendering, "Deployment", "unigate-edge")["spec"]["template"]["spec"]
    adapter = find(rendering, "Deployment", "unigate-openai")["spec"]["template"]["spec"]
    assert (edge["serviceAccountName"], edge["automountServiceAccountToken"]) == (subject["name"], True)
    assert adapter["automountServiceAccountToken"] is False
    assert "key_administration:" in find(rendering, "ConfigMap", "unigate-edge")["data"]["unigate.yaml"]
    assert "6443" in json.dumps(find(rendering, "NetworkPolicy", "unigate-edge")["spec"]["egress"])
    (theirs,) = find(chart("existing-secrets", on), "Role", "unigate-keys")["rules"]
    assert theirs["resourceNames"] != ["unigate-keys"]
    assert "account of the edge's own" in refusal(on, "edge.serviceAccount.create=false")


def test_an_edge_that_changes_no_keys_has_no_rights(chart: Chart) -> None:
    assert [it["metadata"]["name"] for it in chart("simulator") if it["kind"] == "Role"] == ["unigate-prepare"]


def test_the_job_checks_the_configuration_that_the_edge_will_read(chart: Chart, find: Find) -> None:
    rendering = chart("full")
    checked = find(rendering, "ConfigMap", "unigate-prepare")
    assert checked["data"] == find(rendering, "ConfigMap", "unigate-edge")["data"]
    hooks = {
        it["metadata"]["annotations"]["helm.sh/hook"] for it in rendering if "unigate-prepare" in it["metadata"]["name"]
    }
    assert hooks == {"pre-install,pre-upgrade,pre-rollback"}


def test_without_the_job_the_secrets_are_the_operators_own(chart: Chart, refusal: Callable[..., str]) -> None:
    assert "needs auth.existingSecret" in refusal("prepare.enabled=false")
    assert not [it for it in chart("existing-secrets", "prepare.enabled=false") if it["kind"] == "Job"]


SCALED = (
    "edge.replicas=1",
    "edge.autoscaling.enabled=true",
    "edge.autoscaling.targetCPU=0",
    "edge.autoscaling.inFlightMetric=auto",
)


@pytest.mark.parametrize("settings", [("edge.replicas=3",), SCALED])
def test_several_edges_need_a_store(refusal: Callable[..., str], settings: tuple[str, ...]) -> None:
    told = refusal("state.perPod=false", *settings)
    assert all(way in told for way in ("state.url", "valkey.enabled=true", "edge.replicas=1", "state.perPod=true"))


@pytest.mark.parametrize("setting", ["edge.replicas=1", "state.url=redis://v", "valkey.enabled=true"])
def test_each_way_out_is_one(chart: Chart, setting: str) -> None:
    assert chart("default", "state.perPod=false", setting)


def test_no_pod_but_the_test_sees_the_key_itself(everything: Any) -> None:
    for it in everything:
        if it["kind"] == "Deployment":
            assert "unigate-api-key" not in json.dumps(it)


def test_existing_secrets_replace_all_generated_ones(chart: Chart) -> None:
    assert not [it["metadata"]["name"] for it in chart("existing-secrets") if it["kind"] == "Secret"]


def test_further_keys_stand_beside_the_first(chart: Chart, find: Find) -> None:
    made = job_environment(chart("full"), find)
    assert [key["name"] for key in json.loads(made["UNIGATE_PREPARE_FURTHER_KEYS"])] == ["team-a"]


def test_configuration_and_keys_are_mounted_where_changes_arrive(chart: Chart, find: Find) -> None:
    pod = find(chart(), "Deployment", "unigate-edge")["spec"]["template"]["spec"]
    (mount,) = (it for it in pod["containers"][0]["volumeMounts"] if it["name"] == "config")
    assert mount == {"name": "config", "mountPath": "/etc/unigate", "readOnly": True}
    (volume,) = (it for it in pod["volumes"] if it["name"] == "config")
    assert [next(iter(source)) for source in volume["projected"]["sources"]] == ["configMap", "secret"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("edge.config.default_provider=gemini", {"unigate-edge"}),
        ("auth.models={openai/*}", {"unigate-edge"}),
        ("edge.replicas=5", set()),
        ("providers.openai.replicas=5", set()),
        ("networkPolicy.enabled=false", set()),
        ("ingress.enabled=true", set()),
        ("metrics.monitor.enabled=true", set()),
        ("commonLabels.team=x", set()),
        ("state.url=redis://valkey", {"unigate-edge"}),
        ("providers.openai.apiKey=made-up", {"unigate-openai"}),
        ("providers.openai.extraEnv[0].name=A", {"unigate-openai"}),
        ("edge.resources.limits.memory=3Gi", {"unigate-edge"}),
        ("providers.deepseek.enabled=false", {"unigate-edge"}),
    ],
)
def test_an_upgrade_restarts_only_what_must(chart: Chart, setting: str, expected: set[str]) -> None:
    assert restarted(chart(), chart("default", setting)) == expected


def test_an_upgrade_without_a_change_restarts_nothing(chart: Chart) -> None:
    again = chart("default", "nameOverride=")
    assert restarted(chart(), again) == set()


def test_a_new_inline_key_restarts_its_provider_alone(chart: Chart) -> None:
    old, new = (chart("default", f"providers.openai.apiKey={key}") for key in ("one", "two"))
    assert restarted(old, new) == {"unigate-openai"}


def test_a_new_state_url_restarts_the_edge_alone(chart: Chart) -> None:
    old, new = (chart("default", f"state.url=redis://{host}") for host in ("one", "two"))
    assert restarted(old, new) == {"unigate-edge"}
