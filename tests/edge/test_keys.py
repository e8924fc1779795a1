"""Who may call, and which models they may name."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from unigate_edge.__main__ import main
from unigate_edge.config.model import parse_config
from unigate_edge.config.settings import Settings


def key(name: str, secret: str, models: str = "['*']") -> str:
    """One entry of the configuration."""
    return f"  - {{name: {name}, sha256: {sha256(secret.encode()).hexdigest()}, models: {models}}}\n"


KEYS = "keys:\n" + key("all", "sk-all") + key("some", "sk-some", "['fake/small*', 'fast']")
ALIASES = "aliases: {fast: fake/quick, chain: [fake/large, fake/small-2]}\n"


def bearer(secret: str) -> dict[str, str]:
    """The header of a key."""
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("settings", [KEYS + ALIASES])
class TestKeys:
    async def test_a_known_key_may_call(self, world: Any) -> None:
        assert (await world.chat(bearer("sk-all"))).status_code == 200

    async def test_the_scheme_is_not_case_sensitive(self, world: Any) -> None:
        assert (await world.chat({"authorization": "bearer sk-all"})).status_code == 200

    @pytest.mark.parametrize("headers", [{}, {"authorization": "Basic sk-all"}, bearer(""), bearer("sk-al")])
    async def test_any_other_may_not(self, world: Any, headers: dict[str, str]) -> None:
        response = await world.chat(headers)
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "invalid_api_key"
        assert response.headers["www-authenticate"] == "Bearer"

    async def test_a_key_is_not_repeated_in_the_answer(self, world: Any) -> None:
        assert "sk-wrong" not in (await world.chat(bearer("sk-wrong"))).text

    async def test_the_key_comes_before_the_body(self, world: Any) -> None:
        assert (await world.post("/v1/chat/completions", b"{")).status_code == 401

    async def test_a_key_may_use_the_models_of_its_patterns(self, world: Any) -> None:
        assert (await world.chat(bearer("sk-some"), model="fake/small-1")).status_code == 200

    async def test_other_models_do_not_exist_for_it(self, world: Any) -> None:
        response = await world.chat(bearer("sk-some"), model="fake/large")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")

    async def test_an_alias_that_it_may_use_leads_anywhere(self, world: Any) -> None:
        assert (await world.chat(bearer("sk-some"), model="fast")).status_code == 200
        assert world.adapter.calls[0].model == "quick"

    async def test_an_alias_of_several_leads_to_the_models_it_may_use(self, world: Any) -> None:
        assert (await world.chat(bearer("sk-some"), model="chain")).status_code == 200
        assert world.adapter.calls[0].model == "small-2"

    async def test_the_list_of_models_needs_a_key_too(self, world: Any) -> None:
        assert (await world.client.get("/v1/models")).status_code == 401

    async def test_the_list_has_only_the_keys_models(self, world: Any) -> None:
        world.adapter.models[0].id = "large"
        response = await world.client.get("/v1/models", headers=bearer("sk-some"))
        assert [model["id"] for model in response.json()["data"]] == ["fast", "chain"]

    async def test_a_model_of_others_is_404(self, world: Any) -> None:
        world.adapter.models[0].id = "large"
        response = await world.client.get("/v1/models/fake/large", headers=bearer("sk-some"))
        assert response.status_code == 404

    async def test_health_needs_no_key(self, world: Any) -> None:
        assert (await world.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.0.0.2", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("me", False)],
)
def test_loopback_is_known(host: str, loopback: Any) -> None:
    assert Settings(host=host).on_loopback() is loopback


def test_without_keys_the_edge_refuses_to_listen_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "unigate.yaml"
    file.write_text("providers: {one: {target: 'localhost:1'}}\n")
    monkeypatch.setenv("UNIGATE_CONFIG", str(file))
    monkeypatch.setenv("UNIGATE_HOST", "0.0.0.0")
    assert main() == 2
    assert "no `keys` are configured" in capsys.readouterr().err


def test_a_configuration_that_cannot_be_used_ends_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNIGATE_CONFIG", str(tmp_path / "nothing.yaml"))
    assert main() == 2
    assert "nothing.yaml" in capsys.readouterr().err


def test_keys_are_kept_as_digests_only() -> None:
    config = parse_config("providers: {one: {target: 'localhost:1'}}\n" + KEYS)
    assert "sk-all" not in config.model_dump_json()
