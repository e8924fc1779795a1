"""Any vendor in OpenAI's format, from its environment."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_adapter.authentication.authenticator import CredentialSource
from unigate_adapter.openai_compatible import NAMED_QUIRKS, Quirks, openai_compatible, read_quirks
from unigate_adapter.presets import PRESETS
from unigate_core.environment import SettingsError
from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_passthrough.rewrite_request import outgoing
from unigate_openai_compatible import provider_of
from unigate_openai_compatible.settings import vendor_identity


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The least that a vendor needs."""
    for name in ("API_KEY", "MODELS", "QUIRKS"):
        monkeypatch.delenv(f"UNIGATE_{name}", raising=False)
    monkeypatch.setenv("UNIGATE_PROVIDER_NAME", "groq")
    monkeypatch.setenv("UNIGATE_BASE_URL", "https://groq.example/openai/v1")
    return monkeypatch


def sent(quirks: Quirks, **body: Any) -> Json:
    route = openai_compatible(name="v", base_url="http://v", quirks=quirks).operations[Operation.CHAT]
    assert isinstance(route, PassThrough)
    out: Json = loads(outgoing(route, Operation.CHAT, dumps({"model": "v/m", **body}), model="m").body)
    return out


def test_name_and_address_are_enough(environment: pytest.MonkeyPatch) -> None:
    provider = provider_of(vendor_identity())
    assert (provider.name, provider.backend.base_url) == ("groq", "https://groq.example/openai/v1")
    assert set(provider.operations) == set(Operation) - {Operation.COUNT_TOKENS}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_enough(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for variable in ("PROVIDER_NAME", "BASE_URL", "API_KEY", "MODELS", "QUIRKS"):
        monkeypatch.delenv(f"UNIGATE_{variable}", raising=False)
    monkeypatch.setenv("UNIGATE_PRESET", name)
    preset = PRESETS[name]
    if not preset.base_url:
        monkeypatch.setenv("UNIGATE_BASE_URL", "https://own.example")
    provider = provider_of(vendor_identity())
    assert (provider.name, provider.backend.base_url) == (name, preset.base_url or "https://own.example")
    assert provider.backend.version == preset.quirks.version
    assert Operation.CHAT in provider.operations


def test_what_is_set_beside_a_preset_goes_first(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("UNIGATE_PRESET", "mistral")
    environment.setenv("UNIGATE_QUIRKS", '{"drop":["store"]}')
    identity = vendor_identity()
    assert (identity.provider_name, identity.base_url) == ("groq", "https://groq.example/openai/v1")
    assert identity.quirks == Quirks(drop=("store",))


def test_an_unknown_preset_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("UNIGATE_PRESET", "groc")
    with pytest.raises(SettingsError, match="PRESET"):
        vendor_identity()


def test_mistral_reads_the_seed_under_its_own_name() -> None:
    messages = [{"role": "developer", "content": "Be brief."}]
    out = sent(PRESETS["mistral"].quirks, messages=messages, seed=7, max_completion_tokens=5, stream=True)
    assert (out["random_seed"], out["max_tokens"], out["messages"][0]["role"]) == (7, 5, "system")
    assert not out.keys() & {"seed", "max_completion_tokens", "stream_options"}


def test_a_preset_without_an_address_asks_for_one(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("UNIGATE_BASE_URL")
    environment.setenv("UNIGATE_PRESET", "bedrock-mantle")
    with pytest.raises(SettingsError, match="BASE_URL"):
        vendor_identity()


def test_a_vendor_without_a_version_in_its_paths_gets_none() -> None:
    backend = openai_compatible(name="perplexity", base_url="http://p", quirks=PRESETS["perplexity"].quirks).backend
    assert not backend.version


def test_a_vendor_without_a_key_needs_none(environment: pytest.MonkeyPatch) -> None:
    assert provider_of(vendor_identity()).backend.authentication(CredentialSource("groq")).available


@pytest.mark.parametrize("value", ["a, b", '["a","b"]'])
def test_models_may_be_named_instead_of_asked_for(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("UNIGATE_MODELS", value)
    assert [model.id for model in provider_of(vendor_identity()).backend.models.static] == ["a", "b"]


def test_quirks_come_as_an_object(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("UNIGATE_QUIRKS", '{"drop":["store"],"operations":["chat/completions","embeddings"]}')
    assert set(provider_of(vendor_identity()).operations) == {Operation.CHAT, Operation.EMBEDDINGS}


def test_quirks_come_by_name(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("UNIGATE_QUIRKS", '["max-tokens","no-stream-options"]')
    quirks = vendor_identity().quirks
    assert quirks.rename == {"max_completion_tokens": "max_tokens"}
    assert not quirks.stream_options


@pytest.mark.parametrize("value", ['{"dorp":["store"]}', '["no-such-quirk"]', "drop"])
def test_a_slip_in_the_quirks_is_refused_at_the_start(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("UNIGATE_QUIRKS", value)
    with pytest.raises(SettingsError):
        vendor_identity()


@pytest.mark.parametrize(("name", "value"), [("PROVIDER_NAME", "Not/Ok"), ("BASE_URL", "groq.example")])
def test_a_bad_identity_is_refused_at_the_start(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(f"UNIGATE_{name}", value)
    with pytest.raises(SettingsError):
        vendor_identity()


def test_all_named_quirks_can_be_combined() -> None:
    quirks = read_quirks(dumps(sorted(NAMED_QUIRKS)))
    assert (quirks.roles, quirks.drop) == ({"developer": "system"}, ("store", "metadata"))


def test_a_parameter_is_renamed() -> None:
    quirks = Quirks(rename={"max_completion_tokens": "max_tokens"})
    assert sent(quirks, max_completion_tokens=5) == {"model": "m", "max_tokens": 5}


def test_a_parameter_that_has_the_vendors_name_already_wins() -> None:
    quirks = Quirks(rename={"max_completion_tokens": "max_tokens"})
    assert sent(quirks, max_completion_tokens=5, max_tokens=6) == {"model": "m", "max_tokens": 6}


def test_a_role_is_renamed() -> None:
    messages = [{"role": "developer", "content": "a"}, {"role": "user", "content": "b"}]
    roles = [message["role"] for message in sent(Quirks(roles={"developer": "system"}), messages=messages)["messages"]]
    assert roles == ["system", "user"]


def test_a_parameter_is_refused_with_its_reason() -> None:
    with pytest.raises(RequestRefused, match="not here") as refused:
        sent(Quirks(refuse={"logprobs": "not here"}), logprobs=True)
    assert refused.value.param == "logprobs"


def test_stream_options_are_left_out_where_they_are_not_known() -> None:
    assert sent(Quirks(stream_options=False), stream=True) == {"model": "m", "stream": True}


def test_a_lists_oddities_are_tolerated() -> None:
    provider = openai_compatible(name="v", base_url="http://v")
    models, _ = provider.backend.models.parse({"data": [{"id": "m", "context_length": 4096}, "odd"]})
    assert [(model.id, model.created, model.owned_by, model.context_window) for model in models] == [
        ("m", 0, "v", 4096)
    ]
