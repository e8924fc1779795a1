"""Providers from one template and a map."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import yaml

from tools.chart import CHART
from tools.discovery import Adapter, adapters
from unigate_adapter.openai_compatible import openai_compatible, read_quirks
from unigate_adapter.presets import PRESETS
from unigate_adapter.settings import vendor_settings

Manifest = dict[str, Any]
Chart = Callable[..., Any]
Find = Callable[..., Any]

NATIVE = [adapter for adapter in adapters() if adapter.package != "unigate_openai_compatible"]


def environment(rendering: Any, find: Find, name: str) -> dict[str, Any]:
    """A workload's variables: values, or references to Secrets."""
    (container,) = find(rendering, "Deployment", name)["spec"]["template"]["spec"]["containers"]
    return {it["name"]: it.get("value", it.get("valueFrom", {}).get("secretKeyRef")) for it in container["env"]}


def test_every_provider_of_the_repository_is_in_the_values() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["providers"].keys() == {adapter.provider for adapter in NATIVE}


@pytest.mark.parametrize("adapter", NATIVE, ids=lambda adapter: adapter.provider)
def test_the_test_asks_each_providers_example_model(adapter: Adapter) -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert values["providers"][adapter.provider].get("testModel") == adapter.example


@pytest.mark.parametrize("adapter", NATIVE, ids=lambda adapter: adapter.provider)
def test_keys_and_base_urls_go_by_the_vendors_customary_variables(chart: Chart, find: Find, adapter: Adapter) -> None:
    name = f"unigate-{adapter.provider}"
    settings = (f"providers.{adapter.provider}.baseUrl=https://x/v1", f"providers.{adapter.provider}.enabled=true")
    variables = environment(chart("default", *settings), find, name)
    assert variables[adapter.base_url] == "https://x/v1"
    if adapter.key:
        assert variables[adapter.key] == {"name": name, "key": adapter.key, "optional": True}


@pytest.mark.parametrize("adapter", [each for each in NATIVE if each.simulator], ids=lambda adapter: adapter.provider)
def test_without_a_key_a_provider_talks_to_the_simulator(chart: Chart, find: Find, adapter: Adapter) -> None:
    rendering = chart("simulator")
    service = find(rendering, "Service", "unigate-simulator")
    variables = environment(rendering, find, f"unigate-{adapter.provider}")
    (port,) = service["spec"]["ports"]
    assert variables[adapter.base_url] == f"http://unigate-simulator:{port['port']}{adapter.simulator}"


def test_a_provider_whose_api_the_simulator_does_not_speak_is_not_sent_to_it(chart: Chart, find: Find) -> None:
    rendering = chart("simulator", "providers.anthropic.simulated=false", "providers.anthropic.enabled=true")
    assert "ANTHROPIC_BASE_URL" not in environment(rendering, find, "unigate-anthropic")


def test_a_preset_is_not_sent_to_the_simulator(chart: Chart, find: Find) -> None:
    rendering = chart("simulator", "providers.groq.preset=groq")
    assert "UNIGATE_BASE_URL" not in environment(rendering, find, "unigate-groq")


def test_a_provider_with_a_key_never_talks_to_the_simulator(chart: Chart, find: Find) -> None:
    rendering = chart("simulator", "providers.openai.existingSecret=account")
    assert "OPENAI_BASE_URL" not in environment(rendering, find, "unigate-openai")


def test_no_simulator_runs_unless_it_is_asked_for(chart: Chart) -> None:
    assert "unigate-simulator" not in {it["metadata"]["name"] for it in chart()}


def test_an_existing_secret_is_waited_for(chart: Chart, find: Find) -> None:
    variables = environment(chart("existing-secrets"), find, "unigate-anthropic")
    assert variables["ANTHROPIC_API_KEY"] == {"name": "llm-accounts", "key": "ANTHROPIC_API_KEY"}


def test_the_key_within_an_existing_secret_can_be_named(chart: Chart, find: Find) -> None:
    variables = environment(chart("full"), find, "unigate-openai")
    assert variables["OPENAI_API_KEY"] == {"name": "openai-account", "key": "token"}


@pytest.mark.parametrize(("provider", "prefix"), [("openai", "OPENAI"), ("own", "UNIGATE")])
def test_a_file_of_keys_is_mounted_where_its_adapter_looks(
    chart: Chart, find: Find, provider: str, prefix: str
) -> None:
    own = ("existingSecret=account", "existingSecretKeysFile=all", "kind=openai-compatible", "baseUrl=http://own")
    settings = own if provider == "own" else own[:2]
    rendering = chart("default", *(f"providers.{provider}.{setting}" for setting in settings))
    pod = find(rendering, "Deployment", f"unigate-{provider}")["spec"]["template"]["spec"]
    variables = environment(rendering, find, f"unigate-{provider}")
    (volume,) = (it for it in pod["volumes"] if it["name"] == "keys")
    (mount,) = (it for it in pod["containers"][0]["volumeMounts"] if it["name"] == "keys")
    path = f"{mount['mountPath']}/{volume['secret']['items'][0]['path']}"
    assert variables[f"{prefix}_API_KEYS_FILE"] == path
    assert f"{prefix}_API_KEY" not in variables
    # a part of a volume, mounted by subPath, never changes in a running pod
    assert "subPath" not in mount
    assert volume["secret"] == {"secretName": "account", "items": [{"key": "all", "path": "keys"}]}


@pytest.mark.parametrize("adapter", NATIVE, ids=lambda adapter: adapter.provider)
def test_an_adapter_reads_its_file_of_keys_by_that_variable(monkeypatch: pytest.MonkeyPatch, adapter: Adapter) -> None:
    provider = import_module(adapter.package).PROVIDER
    variable = "UNIGATE_KEYS_FILE" if adapter.identity else f"{adapter.provider.upper()}_API_KEYS_FILE"
    monkeypatch.setenv(variable, "/etc/unigate/keys")
    assert vendor_settings(provider).keys_file == "/etc/unigate/keys"


def test_a_compatible_adapter_reads_its_file_of_keys_by_that_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIGATE_API_KEYS_FILE", "/etc/unigate/keys")
    assert vendor_settings(openai_compatible(name="own", base_url="http://own")).keys_file == "/etc/unigate/keys"


def test_a_file_of_keys_needs_its_secret(refusal: Callable[..., str]) -> None:
    answer = refusal("providers.openai.existingSecretKeysFile=all")
    assert "providers.openai.existingSecretKeysFile is a key within existingSecret" in answer


def test_an_inline_key_stands_in_a_secret_only(chart: Chart, find: Find) -> None:
    rendering = chart("full")
    assert "made-up" not in yaml.safe_dump_all(rendering)
    assert find(rendering, "Secret", "unigate-anthropic")["data"] == {"ANTHROPIC_API_KEY": "bWFkZS11cA=="}


def test_a_compatible_provider_needs_values_alone(chart: Chart, find: Find) -> None:
    variables = environment(chart("full"), find, "unigate-mistral")
    assert (
        variables.items()
        >= {"UNIGATE_PROVIDER_NAME": "mistral", "UNIGATE_BASE_URL": "https://api.mistral.ai/v1"}.items()
    )
    assert variables["UNIGATE_API_KEY"] == {"name": "mistral", "key": "MISTRAL_API_KEY"}
    assert variables["UNIGATE_MODELS"] == '["mistral-large-latest"]'


def test_quirks_reach_the_adapter_as_it_reads_them(chart: Chart, find: Find) -> None:
    quirks = read_quirks(environment(chart("full"), find, "unigate-mistral")["UNIGATE_QUIRKS"])
    assert quirks.stream_options is False


def test_quirks_may_be_spelled_out(chart: Chart, find: Find) -> None:
    own = ("kind=openai-compatible", "baseUrl=http://own", "quirks.drop[0]=store")
    rendering = chart("default", *(f"providers.own.{setting}" for setting in own))
    assert read_quirks(environment(rendering, find, "unigate-own")["UNIGATE_QUIRKS"]).drop == ("store",)


def test_a_compatible_provider_without_a_base_url_is_refused(refusal: Callable[..., str]) -> None:
    assert "providers.own.baseUrl is needed" in refusal("providers.own.kind=openai-compatible")


def test_a_preset_needs_nothing_beside_it(chart: Chart, find: Find) -> None:
    rendering = chart("default", "providers.groq.preset=groq")
    variables = environment(rendering, find, "unigate-groq")
    assert (variables["UNIGATE_PROVIDER_NAME"], variables["UNIGATE_PRESET"]) == ("groq", "groq")
    assert "UNIGATE_BASE_URL" not in variables


def test_servers_of_ones_own_may_be_several_of_a_kind(chart: Chart, find: Find) -> None:
    own = "providers.qwen.preset=vllm", "providers.qwen.baseUrl=http://qwen:8000/v1"
    variables = environment(chart("default", *own), find, "unigate-qwen")
    assert variables["UNIGATE_PROVIDER_NAME"] == "qwen"
    assert (variables["UNIGATE_PRESET"], variables["UNIGATE_BASE_URL"]) == ("vllm", "http://qwen:8000/v1")


@pytest.mark.parametrize(
    "name", [name for name, preset in PRESETS.items() if not preset.base_url or "127.0.0.1" in preset.base_url]
)
def test_a_preset_without_a_public_address_needs_one(refusal: Callable[..., str], name: str) -> None:
    assert "providers.own.baseUrl is needed" in refusal(f"providers.own.preset={name}")


@pytest.mark.parametrize("name", PRESETS)
def test_the_chart_takes_every_preset(chart: Chart, find: Find, name: str) -> None:
    rendering = chart("default", f"providers.own.preset={name}", "providers.own.baseUrl=http://own:80/v1")
    assert environment(rendering, find, "unigate-own")["UNIGATE_PRESET"] == name


def test_a_provider_disabled_or_removed_leaves_nothing_behind(chart: Chart) -> None:
    names = {it["metadata"]["name"] for it in chart("existing-secrets")}
    assert not {name for name in names if "gemini" in name or "deepseek" in name}


def test_a_gateway_without_any_provider_is_refused(refusal: Callable[..., str]) -> None:
    settings = (f"providers.{name}.enabled=auto" for name in ("openai", "anthropic", "gemini", "deepseek"))
    assert "no provider has a key" in refusal(*settings)


def test_a_providers_own_value_wins_over_the_defaults(chart: Chart, find: Find) -> None:
    rendering = chart("default", "defaults.replicas=4", "providerDefaults.replicas=3", "providers.openai.replicas=1")
    replicas = {it["metadata"]["name"]: it["spec"]["replicas"] for it in rendering if it["kind"] == "Deployment"}
    assert replicas["unigate-edge"] == 4
    assert replicas["unigate-gemini"] == 3
    assert replicas["unigate-openai"] == 1


def test_false_and_zero_win_over_defaults_too(chart: Chart, find: Find) -> None:
    rendering = chart("default", "providers.openai.replicas=0", "providers.openai.pdb.enabled=false")
    assert find(rendering, "Deployment", "unigate-openai")["spec"]["replicas"] == 0
    budgets = {it["metadata"]["name"] for it in rendering if it["kind"] == "PodDisruptionBudget"}
    assert "unigate-openai" not in budgets
    assert "unigate-gemini" in budgets


def test_all_replicas_of_an_adapter_seal_with_the_same_key(chart: Chart, find: Find) -> None:
    variables = environment(chart(), find, "unigate-anthropic")
    assert variables["UNIGATE_STATE_SECRET"] == {"name": "unigate-seal", "key": "seal"}


def test_the_edge_holds_no_vendors_key(chart: Chart, find: Find) -> None:
    assert not [name for name in environment(chart("full"), find, "unigate-edge") if name.endswith("_API_KEY")]
