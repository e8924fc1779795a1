"""Responses that the gateway keeps: found again, continued, forgotten, and nobody else's."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import pytest
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from unigate_core.json import Raw, dumps, loads
from unigate_edge.app import Edge
from unigate_edge.responses.replay_stream import event_stream
from unigate_edge.responses.view import item_page

EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


async def test_a_response_is_found_by_its_id(talk: Any) -> None:
    made = (await talk.create()).json()
    found = await talk.ask("GET", made["id"])
    assert found.json() == made
    assert made["id"].startswith("resp_ugf")


async def test_a_streamed_response_is_kept_before_its_end_is_told(talk: Any) -> None:
    answer = await talk.create(stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [EVENTS.validate_json(line[6:]) for line in answer.text.split("\n") if line.startswith("data: ")]
    found = await talk.ask("GET", events[-1].response.id)
    assert found.json()["status"] == "completed"


async def test_a_response_is_not_kept_when_its_client_says_so(talk: Any) -> None:
    made = await talk.id_of(store=False)
    found = await talk.ask("GET", made)
    assert (found.status_code, found.json()["error"]["message"]) == (404, f"Response with id '{made}' not found.")
    assert (await talk.create(previous_response_id=made)).json()["error"]["code"] == "previous_response_not_found"


async def test_a_deleted_response_is_gone(talk: Any) -> None:
    made = await talk.id_of()
    deleted = await talk.ask("DELETE", made)
    assert deleted.json() == {"id": made, "object": "response", "deleted": True}
    assert (await talk.ask("GET", made)).status_code == 404
    assert (await talk.ask("DELETE", made)).status_code == 404


async def test_a_conversation_reaches_the_adapter_in_order(talk: Any, adapter: Any) -> None:
    first = await talk.id_of("One.")
    second = await talk.id_of("Two.", previous_response_id=first)
    await talk.id_of("Three.", previous_response_id=second)
    texts = [item["content"][0]["text"] for item in adapter.earlier]
    assert texts == ["One.", "Fine.", "Two.", "Fine."]
    assert adapter.bodies[-1]["input"] == "Three."


async def test_instructions_are_not_inherited(talk: Any, adapter: Any) -> None:
    first = await talk.id_of("One.", instructions="Be brief.")
    await talk.id_of("Two.", previous_response_id=first)
    assert "Be brief." not in str(adapter.earlier)


async def test_thoughts_go_back_to_the_adapter_but_not_to_the_client(talk: Any, adapter: Any, thinking: Any) -> None:
    adapter.events = thinking
    first = await talk.id_of("One.")
    output = {"type": "function_call_output", "call_id": "call_1", "output": "2"}
    await talk.id_of([output], previous_response_id=first)
    kinds = [item["type"] for item in adapter.earlier]
    assert kinds == ["message", "reasoning", "message", "function_call"]
    assert adapter.earlier[1]["encrypted_content"].startswith("ug2.")
    assert "encrypted_content" not in (await talk.ask("GET", first)).text


async def test_thoughts_are_shown_when_they_are_asked_for(talk: Any, adapter: Any, thinking: Any) -> None:
    adapter.events = thinking
    made = await talk.id_of()
    found = await talk.ask("GET", made, **{"include[]": "reasoning.encrypted_content"})
    assert found.json()["output"][0]["encrypted_content"].startswith("ug2.")


def test_an_image_is_told_again_in_its_own_events() -> None:
    image = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": "AAAA"}
    told = event_stream({"id": "resp_1", "status": "completed", "output": [image]}, starting_after=1)
    events = [loads(line[6:]) for line in told.split(b"\n") if line.startswith(b"data: ")]
    assert [event["type"].rpartition(".")[2] for event in events] == [
        "added", "in_progress", "generating", "completed", "done", "completed",
    ]  # fmt: skip
    assert (events[0]["item"]["result"], events[4]["item"]["result"]) == (None, "AAAA")


def test_a_compaction_is_always_shown_whole() -> None:
    item = {"type": "compaction", "id": "cmp_1", "encrypted_content": "ug2.x"}
    assert item_page([Raw(dumps(item))], {})["data"] == [item]


async def test_a_conversation_with_a_hole_is_refused(talk: Any) -> None:
    first = await talk.id_of()
    second = await talk.id_of(previous_response_id=first)
    await talk.ask("DELETE", first)
    error = (await talk.create(previous_response_id=second)).json()["error"]
    assert (error["param"], error["code"]) == ("previous_response_id", "previous_response_not_found")


async def test_ids_that_are_not_ours_are_the_adapter_s_business(talk: Any, adapter: Any) -> None:
    await talk.id_of(previous_response_id="resp_0123")
    assert adapter.bodies[-1]["previous_response_id"] == "resp_0123"
    assert adapter.earlier == []


async def test_references_to_kept_items_are_resolved(talk: Any, adapter: Any, thinking: Any) -> None:
    adapter.events = thinking
    made = (await talk.create("One.")).json()
    given = [{"type": "item_reference", "id": item["id"]} for item in made["output"]]
    await talk.id_of([{"role": "user", "content": "One."}, *given, {"id": made["output"][1]["id"]}])
    items = adapter.bodies[-1]["input"]
    assert [item.get("type") for item in items] == [None, "reasoning", "message", "function_call", "message"]
    assert items[1]["encrypted_content"].startswith("ug2.")


async def test_a_reference_to_nothing_is_not_found(talk: Any) -> None:
    gone = {"type": "item_reference", "id": "msg_ugf" + "0" * 40 + "o0"}
    answer = await talk.create([gone])
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "item_not_found")


async def test_references_elsewhere_are_left_alone(talk: Any, adapter: Any) -> None:
    await talk.create([{"type": "item_reference", "id": "msg_0123"}, {"role": "user", "content": "Hi"}])
    assert adapter.bodies[-1]["input"][0] == {"type": "item_reference", "id": "msg_0123"}


async def test_input_items_are_listed_newest_first(talk: Any) -> None:
    first = await talk.id_of("One.")
    second = await talk.id_of("Two.", previous_response_id=first)
    page = (await talk.ask("GET", f"{second}/input_items")).json()
    assert [item["content"][0]["text"] for item in page["data"]] == ["Two.", "Fine.", "One."]
    assert (page["object"], page["has_more"]) == ("list", False)
    assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])


async def test_input_items_come_in_pages(talk: Any) -> None:
    made = await talk.id_of([{"role": "user", "content": str(number)} for number in range(3)])
    first = (await talk.ask("GET", f"{made}/input_items", limit=2, order="asc")).json()
    rest = (await talk.ask("GET", f"{made}/input_items", limit=2, order="asc", after=first["last_id"])).json()
    texts = [[item["content"][0]["text"] for item in page["data"]] for page in (first, rest)]
    assert texts == [["0", "1"], ["2"]]
    assert (first["has_more"], rest["has_more"]) == (True, False)


@pytest.mark.parametrize(
    ("params", "param"),
    [({"limit": 0}, "limit"), ({"limit": "x"}, "limit"), ({"order": "up"}, "order"), ({"after": "z"}, "after")],
)
async def test_a_page_that_cannot_be_is_refused(talk: Any, params: Any, param: str) -> None:
    made = await talk.id_of()
    answer = await talk.ask("GET", f"{made}/input_items", **params)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_a_response_can_be_told_again_as_a_stream(talk: Any, adapter: Any, thinking: Any) -> None:
    adapter.events = thinking
    made = (await talk.create(reasoning={"summary": "auto"})).json()
    answer = await talk.ask("GET", made["id"], stream="true")
    events = [
        EVENTS.validate_json(line[6:], strict=True) for line in answer.text.split("\n") if line.startswith("data: ")
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert events[-1].response == Response.model_validate(made)


async def test_a_stream_told_again_may_start_later(talk: Any) -> None:
    made = await talk.id_of()
    whole = (await talk.ask("GET", made, stream="true")).text.split("\n\n")
    later = (await talk.ask("GET", made, stream="true", starting_after=3)).text.split("\n\n")
    assert later == whole[4:]


async def test_a_finished_response_cannot_be_cancelled(talk: Any) -> None:
    made = await talk.id_of()
    answer = await talk.ask("POST", f"{made}/cancel")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Cannot cancel a synchronous response.")


async def test_other_paths_and_methods_are_refused(talk: Any) -> None:
    made = await talk.id_of()
    assert (await talk.ask("GET", f"{made}/elsewhere")).status_code == 404
    wrong = await talk.ask("POST", made)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, DELETE")


KEYS = "keys:\n" + "".join(f"- {{name: {n}, sha256: {sha256(n.encode()).hexdigest()}}}\n" for n in ("ann", "bob"))


@pytest.mark.parametrize("settings", [KEYS])
async def test_nobody_sees_the_responses_of_another_key(world: Any, client_of: Any) -> None:
    ann, bob = client_of(world, "ann"), client_of(world, "bob")
    made = (await ann.create()).json()
    assert (await ann.ask("GET", made["id"])).status_code == 200
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        assert (await bob.ask(method, made["id"] + path)).status_code == 404
    assert (await bob.create(previous_response_id=made["id"])).status_code == 400
    reference = {"type": "item_reference", "id": made["output"][0]["id"]}
    assert (await bob.create([reference])).status_code == 404
    assert (await ann.ask("GET", made["id"])).status_code == 200


@pytest.mark.parametrize("settings", [KEYS])
async def test_a_key_is_needed(talk: Any) -> None:
    assert (await talk.ask("GET", "resp_ug1")).status_code == 401


async def test_other_ids_go_to_the_provider_that_keeps_its_own(talk: Any, adapter: Any) -> None:
    answer = await talk.ask("GET", "resp_0123/input_items", limit=5)
    assert answer.json() == {"object": "elsewhere"}
    call = adapter.calls[-1]
    assert (call.method, call.path) == ("GET", "responses/resp_0123/input_items?limit=5")


@pytest.mark.parametrize(
    "path",
    [
        "../files/file-1",
        "resp_0123/../../files",
        "%2e%2e/files",
        "%252e%252e/files",
        "resp_0123%3Fafter=1",
        "resp_0123//x",
    ],
)
async def test_a_path_that_leads_elsewhere_is_none(world: Any, adapter: Any, path: str) -> None:
    scope = {"type": "http", "method": "DELETE", "path": f"/v1/responses/{unquote(path)}", "query_string": b""}
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await Edge(world.gateway)(scope | {"headers": [], "raw_path": path.encode()}, receive, send)
    assert (sent[0]["status"], adapter.calls) == (404, [])


async def test_other_ids_are_not_found_without_such_a_provider(talk: Any, adapter: Any) -> None:
    adapter.resources = False
    assert (await talk.ask("DELETE", "resp_0123")).status_code == 404
    assert adapter.calls == []


async def test_sub_paths_with_a_model_go_to_its_provider(world: Any, adapter: Any) -> None:
    body = b'{"model":"fake/small","input":"Hi"}'
    answer = await world.post("/v1/responses/input_tokens", body)
    assert answer.json() == {"object": "elsewhere"}
    assert (adapter.calls[-1].model, adapter.calls[-1].path) == ("small", "responses/input_tokens")
    assert (await world.post("/v1/responses/compact", b"{}")).json()["error"]["param"] == "model"


async def test_a_chain_has_an_end(talk: Any, world: Any) -> None:
    made = await talk.id_of()
    record = await world.gateway.response_store.find("anonymous", made)
    long = type(record)(record.response, record.input_items, (made,) * 200)
    await world.gateway.response_store.keep("anonymous", made, long)
    answer = await talk.create(previous_response_id=made)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value")
