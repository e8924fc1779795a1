"""Azure, Bedrock and Vertex AI without a key: accounts, labels, settings."""

from collections.abc import Callable
from typing import Any

import pytest

Chart = Callable[..., Any]
Find = Callable[..., Any]


def pod(rendering: Any, find: Find, name: str) -> dict[str, Any]:
    """A workload's pod."""
    template: dict[str, Any] = find(rendering, "Deployment", name)["spec"]["template"]
    return template


def variables(rendering: Any, find: Find, name: str) -> dict[str, Any]:
    """A workload's variables; a reference to a Secret as it is."""
    (container,) = pod(rendering, find, name)["spec"]["containers"]
    return {it["name"]: it.get("value", it.get("valueFrom")) for it in container["env"]}


CLOUDS = [
    ("eks", "bedrock", "AWS_BEARER_TOKEN_BEDROCK", {"AWS_REGION": "eu-central-1"}),
    ("eks", "bedrock-us", "AWS_BEARER_TOKEN_BEDROCK", {"AWS_REGION": "us-east-1"}),
    (
        "gke",
        "vertex",
        "GOOGLE_VERTEX_API_KEY",
        {"GOOGLE_CLOUD_PROJECT": "my-project", "GOOGLE_CLOUD_LOCATION": "europe-west4"},
    ),
    (
        "aks",
        "azure",
        "AZURE_OPENAI_API_KEY",
        {"AZURE_OPENAI_ENDPOINT": "https://my-resource.openai.azure.com"},
    ),
    ("aks", "azure-sweden", "AZURE_OPENAI_API_KEY", {"AZURE_OPENAI_API_VERSION": "2024-10-21"}),
]


@pytest.mark.parametrize(("scenario", "provider", "key", "settings"), CLOUDS)
def test_an_identity_takes_the_place_of_a_key(
    chart: Chart, find: Find, scenario: str, provider: str, key: str, settings: dict[str, str]
) -> None:
    found = variables(chart(scenario), find, f"unigate-{provider}")
    assert key not in found
    assert found["UNIGATE_PROVIDER_NAME"] == provider
    assert settings.items() <= found.items()


@pytest.mark.parametrize(("scenario", "provider"), [("eks", "bedrock-us"), ("gke", "vertex"), ("aks", "azure")])
def test_the_account_bears_what_the_cloud_looks_for(chart: Chart, find: Find, scenario: str, provider: str) -> None:
    rendering = chart(scenario)
    account = find(rendering, "ServiceAccount", f"unigate-{provider}")
    assert account["metadata"]["annotations"]
    assert pod(rendering, find, f"unigate-{provider}")["spec"]["serviceAccountName"] == f"unigate-{provider}"


def test_pods_of_aks_are_labelled_for_its_webhook(chart: Chart, find: Find) -> None:
    labels = pod(chart("aks"), find, "unigate-azure")["metadata"]["labels"]
    assert labels["azure.workload.identity/use"] == "true"


@pytest.mark.parametrize(
    ("scenario", "provider", "image"), [("eks", "bedrock-us", "bedrock"), ("aks", "azure-sweden", "azure")]
)
def test_a_second_one_runs_the_same_image(chart: Chart, find: Find, scenario: str, provider: str, image: str) -> None:
    (container,) = pod(chart(scenario), find, f"unigate-{provider}")["spec"]["containers"]
    assert container["image"].startswith(f"unigate-{image}:")


def test_only_what_has_an_identity_is_deployed(chart: Chart) -> None:
    deployments = {it["metadata"]["name"] for it in chart("gke") if it["kind"] == "Deployment"}
    assert deployments == {"unigate-edge", "unigate-vertex"}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("providers.azure.cloud.identity=aks", "providers.azure.baseUrl is needed"),
        ("providers.vertex.cloud.identity=gke", "providers.vertex.cloud.project is needed"),
        ("providers.openai.cloud.identity=irsa", "is for azure, bedrock and vertex"),
    ],
)
def test_what_cannot_work_is_refused(refusal: Callable[..., str], setting: str, words: str) -> None:
    assert words in refusal(setting)


def test_a_key_goes_by_the_vendors_variable(chart: Chart, find: Find) -> None:
    found = variables(chart("default", "providers.bedrock.existingSecret=aws"), find, "unigate-bedrock")
    reference = {"name": "aws", "key": "AWS_BEARER_TOKEN_BEDROCK"}
    assert found["AWS_BEARER_TOKEN_BEDROCK"] == {"secretKeyRef": reference}
