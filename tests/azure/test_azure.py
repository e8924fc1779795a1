"""Azure: addresses, deployments, tokens of Entra ID."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_adapter.settings import vendor_settings
from unigate_adapter.target import Target
from unigate_azure import provider_of
from unigate_azure.authentication import Identity, azure_authentication
from unigate_azure.place import Place
from unigate_azure.settings import place
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough

ENDPOINT = "https://r.openai.azure.com"
REQUEST = VendorRequest("POST", "https://x", {}, b"")


def path(settings: Place, operation: Operation) -> str:
    route = provider_of(settings).operations[operation]
    assert isinstance(route, PassThrough)
    return route.path


def test_the_v1_api_takes_the_deployment_in_the_body() -> None:
    assert path(Place(endpoint=ENDPOINT), Operation.CHAT) == "openai/v1/chat/completions"
    assert path(Place(endpoint=ENDPOINT), Operation.RESPONSES_RESOURCE) == "openai/v1/responses/"


def test_an_older_resource_is_called_by_deployment() -> None:
    classic = Place(endpoint=ENDPOINT, api_version="2024-10-21")
    asked = "openai/deployments/{model}/chat/completions?api-version=2024-10-21"
    assert path(classic, Operation.CHAT) == asked
    assert path(classic, Operation.RESPONSES) == "openai/responses?api-version=2024-10-21"


@pytest.mark.parametrize("given", [ENDPOINT, f"{ENDPOINT}/", f"{ENDPOINT}/openai/v1", f"{ENDPOINT}/openai/v1/"])
def test_the_address_may_be_written_in_several_ways(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", given)
    provider = provider_of(place())
    assert Target.of(provider, "").url("openai/v1/models") == f"{ENDPOINT}/openai/v1/models"


def test_claude_is_at_the_resources_other_host() -> None:
    provider = provider_of(Place(endpoint=ENDPOINT))
    ((serves, claude),) = provider.families
    assert serves("claude-sonnet-4-5")
    assert not serves("gpt-4o")
    target = Target.of(provider, "").of_family(claude)
    assert target.url("anthropic/v1/messages") == "https://r.services.ai.azure.com/anthropic/v1/messages"
    assert pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES in claude.native


def test_a_deployment_is_known_by_the_model_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", ENDPOINT)
    monkeypatch.setenv("UNIGATE_MODELS", '["prod=gpt-5", "thinker=claude-opus-4-6", "gpt-4o"]')
    settings = place()
    provider = provider_of(settings)
    assert [model.id for model in provider.backend.models.static] == ["prod", "thinker", "gpt-4o"]
    ((serves, _),) = provider.families
    assert [serves(name) for name in ("prod", "thinker", "gpt-4o")] == [False, True, False]
    known = provider.backend.models.overlay(ModelInfo(id="thinker"))
    assert known.id == "thinker"
    assert "thinking:adaptive" in known.features


async def test_a_key_goes_into_azures_own_header() -> None:
    ready = await azure_authentication(CredentialSource("azure", key="k")).sign(REQUEST)
    assert ready is not None
    assert ready.request.headers == {"api-key": "k"}


async def test_without_a_key_the_identity_gives_a_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Credential:
        def __init__(self, **settings: Any) -> None:
            del settings

        def get_token(self, scope: str) -> Any:
            asked.append(scope)
            return SimpleNamespace(token="a token", expires_on=int(time.time()) + 3600)

    monkeypatch.setattr("azure.identity.DefaultAzureCredential", Credential)
    outcomes: list[str] = []
    authenticator = azure_authentication(CredentialSource("azure", observe_refresh=outcomes.append))
    async with authenticator.open():
        for _ in range(3):
            ready = await authenticator.sign(REQUEST)
            assert ready is not None
            assert ready.request.headers["authorization"] == "Bearer a token"
        byok = await authenticator.sign(REQUEST, client_key="own")
        assert byok is not None
        assert byok.request.headers == {"api-key": "own"}
        assert list(authenticator.secrets()) == ["a token"]
    assert (asked, outcomes) == (["https://cognitiveservices.azure.com/.default"], ["ok"])


def test_the_identity_is_found_when_it_is_needed() -> None:
    assert replace(CredentialSource("azure"), key="").key == ""
    assert Identity()._credential is None


@pytest.mark.parametrize("given", [ENDPOINT, f"{ENDPOINT}/", f"{ENDPOINT}/openai", f"{ENDPOINT}/openai/v1/"])
def test_the_address_of_any_of_the_consoles_pages_will_do(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", given)
    provider = provider_of(place())
    chat = provider.operations[Operation.CHAT]
    assert isinstance(chat, PassThrough)
    url = Target.of(provider, vendor_settings(provider).base_url).url(chat.path)
    assert url == f"{ENDPOINT}/openai/v1/chat/completions"
