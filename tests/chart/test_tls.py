"""TLS between the edge and the adapters."""

from __future__ import annotations

from typing import Any

import pytest
import yaml


def named(manifests: Any, kind: str, end: str) -> Any:
    return next(each for each in manifests if each["kind"] == kind and each["metadata"]["name"].endswith(end))


def container(deployment: Any) -> Any:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def variables(deployment: Any) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in container(deployment)["env"]}


@pytest.mark.parametrize("component", ["-edge", "-openai", "-gemini"])
def test_every_workload_reads_its_own_certificate(chart: Any, component: str) -> None:
    manifests = chart("tls")
    certificate = named(manifests, "Certificate", component)
    deployment = named(manifests, "Deployment", component)
    volumes = {each["name"]: each for each in deployment["spec"]["template"]["spec"]["volumes"]}
    mounts = {each["name"]: each["mountPath"] for each in container(deployment)["volumeMounts"]}
    assert volumes["tls"]["secret"]["secretName"] == certificate["spec"]["secretName"]
    assert variables(deployment)["UNIGATE_TLS_CERT"] == mounts["tls"] + "/tls.crt"


def test_the_edge_expects_the_names_that_are_in_the_certificates(chart: Any) -> None:
    manifests = chart("tls")
    config = yaml.safe_load(named(manifests, "ConfigMap", "-edge")["data"]["unigate.yaml"])
    for provider, settings in config["providers"].items():
        certificate = named(manifests, "Certificate", f"-{provider}")
        assert certificate["spec"]["dnsNames"] == [settings["tls_server_name"]]
        assert "server auth" in certificate["spec"]["usages"]
    assert "client auth" in named(manifests, "Certificate", "-edge")["spec"]["usages"]


def test_probes_go_where_no_certificate_is_asked_for(chart: Any) -> None:
    made = container(named(chart("tls"), "Deployment", "-openai"))
    assert variables(named(chart("tls"), "Deployment", "-openai"))["UNIGATE_HEALTH_LISTEN"] == "0.0.0.0:50052"
    assert {made[probe]["grpc"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")} == {50052}
    plain = container(named(chart(), "Deployment", "-openai"))
    assert plain["readinessProbe"]["grpc"]["port"] == 50051


def test_one_secret_may_serve_all(chart: Any) -> None:
    manifests = chart("tls", "tls.existingSecret=ours")
    assert not [each for each in manifests if each["kind"] == "Certificate"]
    for component in ("-edge", "-openai"):
        deployment = named(manifests, "Deployment", component)
        volumes = {each["name"]: each for each in deployment["spec"]["template"]["spec"]["volumes"]}
        assert volumes["tls"]["secret"]["secretName"] == "ours"


def test_certificates_must_come_from_somewhere(refusal: Any) -> None:
    assert "tls.certManager.issuerRef" in refusal("tls.enabled=true")
