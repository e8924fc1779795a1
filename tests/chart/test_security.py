"""Every pod, the test's too, is one that the `restricted` Pod Security Standard admits.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Manifest = dict[str, Any]

VOLUMES = {
    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected"),
    "secret",
}
SYSCTLS = {
    *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
    *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
    *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
    *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
}
HOOKS = ("postStart", "preStop")
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def violations(pod: Manifest) -> Iterator[str]:
    """Yield what the standard forbids of a pod's spec."""
    context = pod.get("securityContext", {})
    for field in ("hostNetwork", "hostPID", "hostIPC", "hostUsers"):
        if pod.get(field, field == "hostUsers") != (field == "hostUsers"):
            yield field
    yield from (f"volume {volume['name']}" for volume in pod.get("volumes", ()) if not VOLUMES & volume.keys())
    yield from (f"sysctl {it['name']}" for it in context.get("sysctls", ()) if it["name"] not in SYSCTLS)
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        yield from (f"{container['name']}: {fault}" for fault in _of_container(container, context))


def _of_container(container: Manifest, pod: Manifest) -> Iterator[str]:
    own = container.get("securityContext", {})
    effective = pod | own
    capabilities = own.get("capabilities", {})
    found = {
        "runAsNonRoot": effective.get("runAsNonRoot") is not True,
        "runAsUser": effective.get("runAsUser") == 0,
        "seccompProfile": effective.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"},
        "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
        "privileged": own.get("privileged", False),
        "capabilities.drop": "ALL" not in capabilities.get("drop", ()),
        "capabilities.add": bool(set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}),
        "procMount": own.get("procMount", "Default") != "Default",
        "seLinuxOptions": bool(effective.get("seLinuxOptions", {}).keys() & {"user", "role"}),
        "appArmorProfile": effective.get("appArmorProfile", {}).get("type") == "Unconfined",
        "hostPort": any(port.get("hostPort") for port in container.get("ports", ())),
        "host": any(action.get("host") for action in _actions(container)),
    }
    yield from (name for name, wrong in found.items() if wrong)


def _actions(container: Manifest) -> Iterator[Manifest]:
    # since 1.34 neither probes nor hooks may name another host
    handlers = [container[name] for name in PROBES if name in container]
    handlers += [container["lifecycle"][name] for name in HOOKS if name in container.get("lifecycle", {})]
    yield from (handler[kind] for handler in handlers for kind in ("httpGet", "tcpSocket") if kind in handler)


def specs(rendering: Any) -> Iterator[Manifest]:
    """Yield the specs of all pods that a rendering makes."""
    for it in rendering:
        if it["kind"] == "Pod":
            yield it["spec"]
        elif "template" in it.get("spec", {}):
            yield it["spec"]["template"]["spec"]


def test_the_restricted_standard_admits_every_pod(everything: Any) -> None:
    assert [fault for pod in specs(everything) for fault in violations(pod)] == []


@pytest.mark.parametrize("version", ["1.27", "1.29"])
def test_it_admits_the_pods_of_older_clusters_too(chart: Callable[..., Any], version: str) -> None:
    assert [fault for pod in specs(chart("full", version=version)) for fault in violations(pod)] == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"hostNetwork": True}, "hostNetwork"),
        ({"securityContext": {"runAsUser": 0}}, "runAsUser"),
        ({"volumes": [{"name": "x", "hostPath": {"path": "/"}}]}, "volume x"),
        ({"containers": [{"name": "c"}]}, "c: allowPrivilegeEscalation"),
    ],
)
def test_the_evaluation_notices_what_is_forbidden(chart: Callable[..., Any], change: Manifest, fault: str) -> None:
    pod = next(specs(chart()))
    assert any(found.endswith(fault) for found in violations(pod | change))


def test_every_kind_of_pod_is_looked_at(chart: Callable[..., Any]) -> None:
    # what makes pods in other ways would have to be added above
    kinds = {it["kind"] for it in chart("full")}
    assert not kinds & {"DaemonSet", "CronJob", "ReplicaSet", "PodTemplate"}
