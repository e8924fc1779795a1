"""The notes name the next commands, and what the commands name is there."""

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.chart import CHART, run_helm

VENDORS = CHART / "ci" / "default-values.yaml"
MADE = ("unigate-api-key", "gateway-api-key")
"""By the Job, not by the chart."""
NAMED = {"deployment": "Deployment", "svc": "Service", "secret": "Secret"}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[str, Any]]:
    """The notes and the objects of settings; a copy of the chart renders its notes as an object."""
    copy: Path = shutil.copytree(CHART, tmp_path_factory.mktemp("notes") / "chart")
    include = '{{ include "unigate/templates/NOTES.txt" . | toJson }}'
    (copy / "templates" / "notes.yaml").write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: notes}}\ndata: {{text: {include}}}\n"
    )

    @cache
    def of(*settings: str) -> tuple[str, Any]:
        sets = [part for setting in settings for part in ("--set", setting)]
        text = run_helm("template", "unigate", copy, "--namespace", "llm", "--values", VENDORS, *sets)
        objects = [it for it in yaml.load_all(text, Loader=yaml.CSafeLoader) if it]
        (told,) = (it["data"]["text"] for it in objects if it["metadata"]["name"] == "notes")
        return told, objects

    return of


MODES = [
    (),
    ("simulator.enabled=true",),
    ("auth.existingSecret=own", "providers.openai.existingSecret=account"),
    ("ingress.enabled=true", "fullnameOverride=gateway"),
    ("httpRoute.enabled=true", "httpRoute.parentRefs[0].name=g", "httpRoute.hostnames={llm.example.org}"),
    ("edge.service.type=LoadBalancer", "edge.service.port=8000"),
]


@pytest.mark.parametrize("settings", MODES)
def test_what_the_commands_name_is_rendered(notes: Callable[..., Any], settings: tuple[str, ...]) -> None:
    text, objects = notes(*settings)
    there = {(it["kind"], it["metadata"]["name"]) for it in objects}
    named = re.findall(r"(deployment|svc)/([\w-]+)|get (secret|svc) ([\w-]+)", text)
    assert named
    for kind, name, other_kind, other_name in named:
        if (name or other_name) not in MADE:
            assert (NAMED[kind or other_kind], name or other_name) in there


@pytest.mark.parametrize("settings", MODES)
def test_every_command_names_the_namespace(notes: Callable[..., Any], settings: tuple[str, ...]) -> None:
    text, _ = notes(*settings)
    commands = re.findall(r"^ .*\b(?:kubectl|helm test)\b.*$", text, re.MULTILINE)
    assert commands
    assert all("-n llm" in command for command in commands)


@pytest.mark.parametrize("settings", MODES)
def test_the_model_of_the_first_request_is_one_that_answers(
    notes: Callable[..., Any], settings: tuple[str, ...]
) -> None:
    text, objects = notes(*settings)
    (test,) = (it for it in objects if it["kind"] == "Pod")
    (models,) = (it["value"] for it in test["spec"]["containers"][0]["env"] if it["name"] == "MODELS")
    assert re.findall(r'"model": "([^"]+)"', text) == models.split(",")[:1] * bool(models)


def test_the_generated_key_is_read_by_its_name(notes: Callable[..., Any]) -> None:
    text, objects = notes()
    (name, key), *_ = re.findall(r"get secret ([\w-]+) -o jsonpath='\{\.data\.([\w-]+)\}'", text)
    (job,) = (it for it in objects if it["kind"] == "Job")
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert {"name": "UNIGATE_PREPARE_API_KEY_SECRET", "value": name} in container["env"]
    assert key == "api-key"


def test_a_key_of_ones_own_is_asked_for(notes: Callable[..., Any]) -> None:
    text, _ = notes("auth.existingSecret=own")
    assert "get secret" not in text
    assert "keys.yaml of Secret own" in text


def test_providers_without_a_key_are_named_with_what_they_need(notes: Callable[..., Any]) -> None:
    text, _ = notes("providers.openai.existingSecret=account")
    assert "create secret generic unigate-gemini --from-literal=GEMINI_API_KEY=" in text
    assert "create secret generic unigate-openai" not in text


def test_a_simulated_answer_is_called_one(notes: Callable[..., Any]) -> None:
    text, _ = notes("simulator.enabled=true", "providers.openai.existingSecret=account")
    assert "Answered by the simulator, not by the vendor: anthropic, azure, bedrock, deepseek, gemini, vertex" in text


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ((), "http://127.0.0.1:8080/v1"),
        (("ingress.enabled=true",), "http://unigate.example.com/v1"),
        (("ingress.enabled=true", "ingress.tls[0].secretName=tls"), "https://unigate.example.com/v1"),
        (("edge.service.type=LoadBalancer",), "http://$(kubectl -n llm get svc unigate-edge"),
    ],
)
def test_the_base_url_is_the_one_in_use(notes: Callable[..., Any], settings: tuple[str, ...], url: str) -> None:
    text, _ = notes(*settings)
    assert f"export OPENAI_BASE_URL={url}" in text
