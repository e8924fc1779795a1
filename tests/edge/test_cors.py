"""Pages of other origins: none by default, those that the configuration names, without a restart."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_edge.config.model import ConfigError, parse_config

PAGE = "https://chat.example.com"
ALLOWED = f"cors: {{origins: ['{PAGE}'], max_age: 60}}"
PREFLIGHT = {
    "origin": PAGE,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type,x-stainless-os",
}


async def preflight(world: Any, **headers: str) -> Any:
    return await world.client.options("/v1/chat/completions", headers=PREFLIGHT | headers)


async def test_no_page_may_call_by_default(world: Any) -> None:
    assert "access-control-allow-origin" not in (await world.chat({"origin": PAGE})).headers
    assert (await preflight(world)).status_code == 405


@pytest.mark.parametrize("settings", [ALLOWED])
async def test_a_page_that_is_named_may_call_and_read_all_headers(world: Any) -> None:
    asked, answered = await preflight(world), await world.chat({"origin": PAGE})
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == PAGE
    assert "x-stainless-os" in asked.headers["access-control-allow-headers"]
    assert asked.headers["access-control-max-age"] == "60"
    assert "access-control-allow-credentials" not in asked.headers
    assert answered.status_code == 200
    assert answered.headers["access-control-allow-origin"] == PAGE
    assert answered.headers["access-control-expose-headers"] == "*"
    assert "x-request-id" in answered.headers


@pytest.mark.parametrize("settings", [ALLOWED])
async def test_errors_can_be_read_too(world: Any) -> None:
    answer = await world.chat({"origin": PAGE}, model="nobody/small")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, PAGE)


@pytest.mark.parametrize("settings", [ALLOWED])
async def test_another_page_may_not(world: Any) -> None:
    other = "https://other.example.com"
    assert (await preflight(world, origin=other)).status_code == 400
    assert "access-control-allow-origin" not in (await world.chat({"origin": other})).headers


async def test_it_is_in_use_as_soon_as_the_configuration_is(world: Any) -> None:
    cors = parse_config(f"providers: {{a: {{target: b}}}}\n{ALLOWED}").cors
    world.gateway.configure(world.gateway.config.model_copy(update={"cors": cors}))
    assert (await preflight(world)).status_code == 200


@pytest.mark.parametrize("origin", ["chat.example.com", "https://chat.example.com/", "https://", ""])
def test_what_no_origin_can_be_is_refused(origin: str) -> None:
    with pytest.raises(ConfigError):
        parse_config(f"providers: {{a: {{target: b}}}}\ncors: {{origins: ['{origin}']}}")
