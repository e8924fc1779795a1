"""Secrets and upgrades: the generated key stays, and only what must restart does."""

import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml

from tools.chart import CHART, Manifest, run_helm

Chart = Callable[..., Any]
Find = Callable[..., Any]

KEPT = {"unigate-api-key": {"api-key": "ug-first"}, "unigate-seal": {"seal": "first-seal"}}


OWNED = {
    "namespace": "llm",
    "labels": {"app.kubernetes.io/managed-by": "Helm"},
    "annotations": {"meta.helm.sh/release-name": "unigate", "meta.helm.sh/release-namespace": "llm"},
}
RESOURCES = {
    "v1": {"secrets": "Secret", "services": "Service", "configmaps": "ConfigMap", "serviceaccounts": "ServiceAccount"},
    "apps/v1": {"deployments": "Deployment"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
    "networking.k8s.io/v1": {"networkpolicies": "NetworkPolicy"},
}


def answer(path: str) -> dict[str, Any] | None:
    """What an API server says that has the Secrets of KEPT and nothing else."""
    folder, _, name = path.rpartition("/")
    if folder == "/api/v1/namespaces/llm/secrets" and name in KEPT:
        data = {key: b64encode(value.encode()).decode() for key, value in KEPT[name].items()}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": OWNED | {"name": name}, "data": data}
    if path == "/version":
        return {"major": "1", "minor": "37", "gitVersion": "v1.37.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        named = [(version.partition("/")[0], {"groupVersion": version, "version": "v1"}) for version in RESOURCES]
        groups = [{"name": group, "versions": [it], "preferredVersion": it} for group, it in named if group != "v1"]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version in RESOURCES:
        kinds = RESOURCES[version].items()
        found = [{"name": name, "namespaced": True, "kind": kind, "verbs": ["get"]} for name, kind in kinds]
        return {"kind": "APIResourceList", "groupVersion": version, "resources": found}
    return None


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = answer(self.path.partition("?")[0])
        body = json.dumps(found or {"kind": "Status", "apiVersion": "v1", "code": 404, "reason": "NotFound"}).encode()
        self.send_response(200 if found else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def upgraded() -> list[Manifest]:
    """The chart rendered against a cluster that has the Secrets of an earlier installation."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    cluster = ["--dry-run=server", "--disable-openapi-validation", "--kubeconfig=/dev/null", "--kube-apiserver"]
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        text = run_helm(
            "template",
            "unigate",
            CHART,
            "--namespace",
            "llm",
            "--values",
            CHART / "ci" / "default-values.yaml",
            *cluster,
            url,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return [it for it in yaml.safe_load_all(text) if it]


def data(find: Find, rendering: Any, name: str, key: str) -> str:
    return b64decode(find(rendering, "Secret", name)["data"][key]).decode()


def pods(rendering: Any) -> dict[str, Any]:
    """The pod templates by workload: what differs, restarts."""
    return {it["metadata"]["name"]: it["spec"]["template"] for it in rendering if it["kind"] == "Deployment"}


def restarted(before: Any, after: Any) -> set[str]:
    old, new = pods(before), pods(after)
    return {name for name in new if old.get(name) != new[name]}


def test_the_first_key_is_random(chart: Chart, find: Find) -> None:
    one, other = (data(find, chart("default", f"edge.replicas={n}"), "unigate-api-key", "api-key") for n in (1, 3))
    assert one != other
    assert len(one) >= 40


def test_the_gateway_is_told_the_keys_hash_only(chart: Chart, find: Find) -> None:
    key = data(find, chart(), "unigate-api-key", "api-key")
    keys = data(find, chart(), "unigate-keys", "keys.yaml")
    assert key not in keys
    assert yaml.safe_load(keys)["keys"] == [
        {"name": "default", "sha256": sha256(key.encode()).hexdigest(), "models": ["*"]}
    ]


def test_no_pod_but_the_test_sees_the_key_itself(everything: Any) -> None:
    for it in everything:
        if it["kind"] == "Deployment":
            assert "unigate-api-key" not in json.dumps(it)


def test_an_upgrade_keeps_the_generated_key(upgraded: list[Manifest], find: Find) -> None:
    assert data(find, upgraded, "unigate-api-key", "api-key") == "ug-first"


def test_an_upgrade_keeps_the_hash_in_step_with_the_key(upgraded: list[Manifest], find: Find) -> None:
    (key,) = yaml.safe_load(data(find, upgraded, "unigate-keys", "keys.yaml"))["keys"]
    assert key["sha256"] == sha256(b"ug-first").hexdigest()


def test_an_upgrade_keeps_the_sealing_key(upgraded: list[Manifest], find: Find) -> None:
    assert data(find, upgraded, "unigate-seal", "seal") == "first-seal"


def test_existing_secrets_replace_all_generated_ones(chart: Chart) -> None:
    assert not [it["metadata"]["name"] for it in chart("existing-secrets") if it["kind"] == "Secret"]


def test_further_keys_stand_beside_the_generated_one(chart: Chart, find: Find) -> None:
    keys = yaml.safe_load(data(find, chart("full"), "unigate-keys", "keys.yaml"))["keys"]
    assert [key["name"] for key in keys] == ["default", "team-a"]


def test_configuration_and_keys_are_mounted_where_changes_arrive(chart: Chart, find: Find) -> None:
    pod = find(chart(), "Deployment", "unigate-edge")["spec"]["template"]["spec"]
    (mount,) = (it for it in pod["containers"][0]["volumeMounts"] if it["name"] == "config")
    assert mount == {"name": "config", "mountPath": "/etc/unigate", "readOnly": True}
    (volume,) = (it for it in pod["volumes"] if it["name"] == "config")
    assert [next(iter(source)) for source in volume["projected"]["sources"]] == ["configMap", "secret"]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("edge.config.default_provider=gemini", set()),
        ("auth.models={openai/*}", set()),
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
        ("providers.deepseek.enabled=false", set()),
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
