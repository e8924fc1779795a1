"""Responses that a provider keeps itself, for all keys of the gateway in one account: each key has only its own."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.pipeline.references import targets_at_owner
from unigate_edge.routing.router import Target
from unigate_edge.validation.responses import ResponsesRequest

KEYS = "keys:\n" + "".join(
    f"- {{name: {name}, sha256: {sha256(name.encode()).hexdigest()}{more}}}\n"
    for name, more in (("ann", ""), ("bob", ", limits: {requests_per_minute: 1}"))
)
OTHERS_OWN = (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel"))
THEIRS = "resp_0123"


@pytest.fixture
def ann(world: Any, client_of: Any, adapter: Any) -> Any:
    """A key, at a provider that keeps responses itself."""
    adapter.keeper = THEIRS
    return client_of(world, "ann")


@pytest.fixture
def bob(world: Any, client_of: Any) -> Any:
    """Another key."""
    return client_of(world, "bob")


def resources(adapter: Any) -> list[pb.Call]:
    return [call for call in adapter.calls if call.operation == pb.OPERATION_RESPONSES_RESOURCE]


@pytest.mark.parametrize("settings", [KEYS])
@pytest.mark.parametrize(("method", "path"), OTHERS_OWN)
async def test_who_made_it_may_use_it(ann: Any, method: str, path: str) -> None:
    await ann.create()
    assert (await ann.ask(method, THEIRS + path)).json() == {"object": "elsewhere"}


@pytest.mark.parametrize("settings", [KEYS])
@pytest.mark.parametrize(("method", "path"), OTHERS_OWN)
async def test_nobody_else_may(ann: Any, bob: Any, adapter: Any, method: str, path: str) -> None:
    await ann.create()
    answer = await bob.ask(method, THEIRS + path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == f"Response with id '{THEIRS}' not found."
    assert resources(adapter) == []


@pytest.mark.parametrize("settings", [KEYS])
async def test_nobody_else_may_continue_it(ann: Any, bob: Any, adapter: Any) -> None:
    await ann.create()
    answer = await bob.create(previous_response_id=THEIRS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "previous_response_not_found")
    assert (await ann.create(previous_response_id=THEIRS)).status_code == 200
    assert len(adapter.calls) == 2


@pytest.mark.parametrize("settings", [KEYS])
async def test_it_is_theirs_as_soon_as_a_stream_begins_to_tell_it(ann: Any, bob: Any) -> None:
    assert "error" in (await ann.create(stream=True)).text
    assert (await bob.ask("GET", THEIRS)).status_code == 404
    assert (await ann.ask("GET", THEIRS)).status_code == 200


@pytest.mark.parametrize("settings", [KEYS])
async def test_what_nobody_is_known_to_have_made_is_hidden(ann: Any, adapter: Any) -> None:
    assert (await ann.ask("GET", "resp_9")).status_code == 404
    assert (await ann.create(previous_response_id="resp_9")).status_code == 400
    assert adapter.calls == []


NAMING: dict[str, tuple[dict[str, Any], int, str]] = {
    "previous": ({"previous_response_id": THEIRS}, 400, "previous_response_not_found"),
    "conversation": ({"conversation": "conv_1"}, 404, "conversation_not_found"),
    "conversation object": ({"conversation": {"id": "conv_1"}}, 404, "conversation_not_found"),
    "item": ({"input": [{"type": "item_reference", "id": "msg_1"}]}, 404, "item_not_found"),
    "item without type": ({"input": [{"id": "msg_1"}]}, 404, "item_not_found"),
    "container": ({"input": "x", "tools": [{"type": "code_interpreter", "container": "cntr_1"}]},
                  404, "container_not_found"),
}  # fmt: skip
OWN = [name for name in NAMING if "conversation" not in name]


@pytest.mark.parametrize("settings", [KEYS])
@pytest.mark.parametrize("path", ["", "/compact", "/input_tokens"])
@pytest.mark.parametrize("name", NAMING)
async def test_whatever_names_a_stored_thing_is_checked(ann: Any, bob: Any, adapter: Any, path: str, name: str) -> None:
    adapter.kept_items = ["msg_1", "cntr_1"]
    await ann.create()
    body, status, code = NAMING[name]
    answer = await bob.send(path, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert len(adapter.calls) == 1
    assert (await ann.send(path, **body)).status_code == (200 if name in OWN else status)


@pytest.mark.parametrize("settings", [KEYS])
@pytest.mark.parametrize("path", ["/compact", "/input_tokens"])
async def test_what_the_gateway_keeps_is_sent_along_to_its_owner_only(
    ann: Any, bob: Any, adapter: Any, path: str
) -> None:
    adapter.keeper = ""
    previous = await ann.id_of("First")
    assert (await bob.send(path, previous_response_id=previous)).status_code == 400
    assert (await ann.send(path, previous_response_id=previous)).status_code == 200
    assert [item["type"] for item in adapter.earlier] == ["message", "message"]


@pytest.mark.parametrize("settings", [f"{KEYS}responses: {{unknown: allow}}\n"])
async def test_an_operator_may_show_what_nobody_is_known_to_have_made(ann: Any, bob: Any) -> None:
    await ann.create()
    assert (await bob.ask("GET", THEIRS)).status_code == 404
    assert (await ann.ask("GET", "resp_9")).status_code == 200


@pytest.mark.parametrize("settings", [KEYS.splitlines()[0] + "\n" + KEYS.splitlines()[1] + "\n"])
async def test_a_single_key_has_nobody_to_hide_from(ann: Any) -> None:
    assert (await ann.ask("GET", "resp_9")).status_code == 200


@pytest.mark.parametrize("settings", [f"{KEYS}allow_client_credentials: true\n"])
async def test_a_vendor_key_of_ones_own_shows_what_is_in_its_account(ann: Any, adapter: Any) -> None:
    ann._headers["x-unigate-provider-key"] = "sk-own"
    assert (await ann.ask("GET", "resp_9")).status_code == 200
    assert (await ann.create(previous_response_id="resp_9")).status_code == 200
    assert [call.client_credential for call in adapter.calls] == ["sk-own", "sk-own"]


@pytest.mark.parametrize("settings", [KEYS])
async def test_usage_that_was_told_is_not_counted_again(ann: Any, adapter: Any, world: Any) -> None:
    adapter.usage = pb.Usage(input_tokens=5, output_tokens=2)
    await ann.create()
    for _ in range(2):
        await ann.ask("GET", THEIRS)
    assert counted(world) == 5


@pytest.mark.parametrize("settings", [KEYS])
async def test_usage_of_the_background_is_counted_when_it_is_first_told(ann: Any, adapter: Any, world: Any) -> None:
    await ann.create(background=True)
    await ann.ask("GET", THEIRS)
    adapter.usage = pb.Usage(input_tokens=5, output_tokens=2)
    for _ in range(2):
        await ann.ask("GET", THEIRS)
    assert counted(world) == 5


@pytest.mark.parametrize("settings", [KEYS])
async def test_requests_for_responses_count_against_the_limits(bob: Any, adapter: Any) -> None:
    adapter.keeper = THEIRS
    await bob.create()
    answer = await bob.ask("GET", THEIRS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limit_exceeded")
    assert resources(adapter) == []


@pytest.mark.parametrize("settings", [KEYS])
async def test_requests_for_responses_are_measured_by_the_model_that_made_them(ann: Any, world: Any) -> None:
    await ann.create()
    await ann.ask("GET", THEIRS)
    (found,) = [
        sample.labels
        for metric in world.gateway.telemetry.registry.collect()
        for sample in metric.samples
        if sample.name == "unigate_requests_total" and sample.labels["operation"] == "responses_resource"
    ]
    assert (found["provider"], found["status"]) == ("fake", "200")


def counted(world: Any) -> float:
    registry = world.gateway.telemetry.registry
    return float(registry.get_sample_value("unigate_key_tokens_total", {"key": "ann", "type": "input"}) or 0)


@pytest.mark.parametrize("settings", [KEYS])
async def test_what_continues_it_is_asked_of_its_keeper_alone(world: Any, ann: Any) -> None:
    other, keeper = Target("other", "large"), Target("fake", "small")
    continuing, new = [
        msgspec.convert({"model": "alias", "input": "Go on.", **more}, ResponsesRequest)
        for more in ({"previous_response_id": THEIRS}, {})
    ]
    await ann.create()

    assert await targets_at_owner(world.gateway, "ann", continuing, (other, keeper)) == [keeper]
    assert await targets_at_owner(world.gateway, "ann", continuing, (other, other)) == (other, other)
    assert await targets_at_owner(world.gateway, "ann", new, (other, keeper)) == (other, keeper)
    assert await targets_at_owner(world.gateway, "bob", continuing, (other, keeper)) == (other, keeper)
