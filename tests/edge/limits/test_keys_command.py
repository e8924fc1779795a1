"""`keys new` makes keys that the edge lets in, and shows them once."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import yaml

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_edge.app import Edge
from unigate_edge.authentication import Keyring
from unigate_edge.cli.keys import keys_command
from unigate_edge.config.model import Config, ConfigError, load_config, parse_config
from unigate_edge.gateway import Gateway

PROVIDERS = "providers: {fake: {target: x}}\n"


def made(*arguments: str) -> tuple[str, str]:
    """A new key and the entry to paste."""
    out = io.StringIO()
    assert keys_command(["new", "team", *arguments], out) == 0
    secret, _, entry = out.getvalue().partition("\n\n")
    return secret, entry


def test_the_key_opens_what_its_entry_says() -> None:
    secret, entry = made("--models", "fake/*", "other/*")
    (key,) = parse_config(f"{PROVIDERS}keys:\n{entry}").keys
    caller = Keyring.of([key]).caller([secret.encode()])
    assert (caller.name, key.models) == ("team", ("fake/*", "other/*"))


def test_the_entry_does_not_hold_the_key() -> None:
    secret, entry = made()
    assert secret not in entry


def test_two_keys_differ() -> None:
    assert made()[0] != made()[0]


def test_a_name_that_the_edge_would_not_take_makes_no_key() -> None:
    out, err = io.StringIO(), io.StringIO()
    assert keys_command(["new", ""], out, err) == 2
    assert (out.getvalue(), err.getvalue()[:5]) == ("", "name:")


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (1, False)])
def test_an_expired_key_is_refused(days: int, refused: bool) -> None:
    secret, entry = made("--expires", (datetime.now(UTC) + timedelta(days=days)).isoformat())
    ring = Keyring.of(parse_config(f"{PROVIDERS}keys:\n{entry}").keys)
    if refused:
        with pytest.raises(GatewayError, match="expired"):
            ring.caller([secret.encode()])
    else:
        assert ring.caller([secret.encode()]).name == "team"


@pytest.fixture
def loaded(tmp_path: Any) -> Any:
    """What reads a configuration whose keys are in a file of their own."""

    def load(keys: str, more: str = "") -> Config:
        (tmp_path / "keys.yaml").write_text(keys, encoding="utf-8")
        config = tmp_path / "unigate.yaml"
        config.write_text(f"{PROVIDERS}keys_file: keys.yaml\n{more}", encoding="utf-8")
        return load_config(config)

    return load


@pytest.mark.parametrize("form", ["list", "mapping"])
def test_keys_can_come_from_a_file_of_their_own(loaded: Any, form: str) -> None:
    entry = yaml.safe_load(made()[1])
    config = loaded(yaml.safe_dump(entry if form == "list" else {"keys": entry}))
    assert [key.name for key in config.keys] == ["team"]


@pytest.mark.parametrize("text", ["", "[]", "keys: []"])
def test_a_file_without_keys_does_not_let_everyone_in(loaded: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=r"keys\.yaml:1: it contains no key"):
        loaded(text)


def test_a_missing_file_of_keys_is_told(tmp_path: Any) -> None:
    config = tmp_path / "unigate.yaml"
    config.write_text(f"{PROVIDERS}keys_file: nowhere.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: No such file"):
        load_config(config)


def test_a_fault_in_the_file_is_told_with_its_line(loaded: Any) -> None:
    with pytest.raises(ConfigError, match=r"keys\.yaml:2: 0\.sha256: "):
        loaded("- name: a\n  sha256: short\n")


def test_a_name_is_one_keys_over_both_files(loaded: Any) -> None:
    digest = "{name: team, sha256: " + "a" * 64 + "}"
    with pytest.raises(ConfigError, match="keys: two of them have the same name"):
        loaded(made()[1], f"keys: [{digest}]\n")


@pytest.mark.parametrize("settings", ["allow_client_credentials: true\n"])
async def test_a_clients_own_vendor_key_is_passed_on_where_that_is_allowed(world: Any) -> None:
    await world.chat({"x-unigate-provider-key": "sk-mine"})
    assert world.adapter.calls[0].client_credential == "sk-mine"


async def test_a_clients_own_vendor_key_is_refused_by_default(world: Any) -> None:
    response = await world.chat({"x-unigate-provider-key": "sk-mine"})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "client_credentials_not_allowed")
    assert world.adapter.calls == []


async def test_a_clients_own_vendor_key_never_goes_to_another_provider(adapter: Any, target: str) -> None:
    text = (
        f"providers: {{fake: {{target: '{target}'}}, elsewhere: {{target: '{target}'}}}}\n"
        "allow_client_credentials: true\naliases: {fast: [fake/a, elsewhere/b]}\n"
    )
    adapter.answer = pb.InvokeResponse(error=pb.Error(status=503, message="Busy.", retryable=True))
    gateway = Gateway.of(parse_config(text))
    transport = httpx.ASGITransport(Edge(gateway))
    async with gateway.open(), httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
        request = {"model": "fast", "messages": [{"role": "user", "content": "hi"}]}
        for headers in ({"x-unigate-provider-key": "sk-mine"}, {}):
            await client.post("/v1/chat/completions", json=request, headers=headers)
    assert {call.model for call in adapter.calls if call.client_credential} == {"a"}
    assert "b" in {call.model for call in adapter.calls}
