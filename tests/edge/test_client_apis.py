"""Anthropic's and Gemini's APIs in front: paths, keys, names of models, errors and headers in their own form."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.json import dumps, loads
from unigate_edge.client_apis.choose import choose_api

MESSAGE = {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
CONTENT = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
SECRET = "sk-made-up-secret"
KEYS = f"keys:\n  - {{name: team, sha256: {sha256(SECRET.encode()).hexdigest()}, models: ['*']}}\n"
MESSAGES = pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES
CONTENTS = pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT


async def messages(world: Any, path: str = "/anthropic/v1/messages", **members: Any) -> Any:
    headers = members.pop("headers", None)
    return await world.post(path, dumps({"model": "fake/small", **MESSAGE, **members}), headers)


async def contents(world: Any, path: str = "/gemini/v1beta/models/fake/small:generateContent", **more: Any) -> Any:
    return await world.post(path, dumps(CONTENT), **more)


@pytest.mark.parametrize("path", ["/anthropic/v1/messages", "/v1/messages", "/v1/messages?beta=true"])
async def test_messages_reach_the_adapter_in_their_format(world: Any, path: str) -> None:
    response = await messages(world, path)
    [call], [body] = world.adapter.calls, world.adapter.bodies
    assert response.status_code == 200
    assert (call.operation, call.client_format) == (pb.OPERATION_CHAT, MESSAGES)
    assert (call.model, call.public_model) == ("small", "fake/small")
    assert call.path == ("messages?beta=true" if "?" in path else "messages")
    assert loads(body)["messages"] == MESSAGE["messages"]


@pytest.mark.parametrize("path", ["/gemini/v1beta", "/v1beta", "/gemini/v1", "/v1"])
@pytest.mark.parametrize(
    ("method", "operation"),
    [
        ("generateContent", pb.OPERATION_CHAT),
        ("countTokens", pb.OPERATION_COUNT_TOKENS),
        ("embedContent", pb.OPERATION_EMBEDDINGS),
        ("batchEmbedContents", pb.OPERATION_EMBEDDINGS),
    ],
)
async def test_methods_of_models_reach_the_adapter(world: Any, path: str, method: str, operation: int) -> None:
    assert (await contents(world, f"{path}/models/fake/small:{method}")).status_code == 200
    [call] = world.adapter.calls
    assert (call.operation, call.client_format, call.model) == (operation, CONTENTS, "small")
    assert (call.public_model, call.path) == ("fake/small", f"models/{{model}}:{method}")


@pytest.mark.parametrize(("query", "content_type"), [("?alt=sse", "text/event-stream"), ("", "application/json")])
async def test_streams_of_contents_are_events_or_an_array(world: Any, kit: Any, query: str, content_type: str) -> None:
    world.adapter.frames = [kit.last("x", content_type="" if query else "application/json")]
    response = await contents(world, f"/v1beta/models/fake/small:streamGenerateContent{query}")
    assert response.headers["content-type"].startswith(content_type)


@pytest.mark.parametrize("settings", [KEYS])
@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": SECRET},
        {"authorization": f"Bearer {SECRET}"},
        {"x-api-key": "placeholder", "authorization": f"Bearer {SECRET}"},
    ],
)
async def test_anthropics_clients_bring_their_key_in_either_header(world: Any, headers: dict[str, str]) -> None:
    assert (await messages(world, headers=headers)).status_code == 200


@pytest.mark.parametrize("settings", [KEYS])
async def test_geminis_clients_bring_their_key_in_a_header_or_the_query(world: Any) -> None:
    path = "/gemini/v1beta/models/fake/small:generateContent"
    assert (await contents(world, headers={"x-goog-api-key": SECRET})).status_code == 200
    assert (await contents(world, f"{path}?alt=json&key={SECRET}")).status_code == 200
    assert world.adapter.calls[-1].path.endswith("?alt=json"), "the key goes no further"
    assert (await contents(world)).status_code == 401


@pytest.mark.parametrize("settings", [KEYS])
async def test_a_key_never_reaches_the_adapter(world: Any) -> None:
    headers = {"x-api-key": SECRET, "anthropic-beta": "b", "anthropic-new-thing": "n", "x-other": "o"}
    await messages(world, headers=headers)
    assert dict(world.adapter.calls[0].client_headers) == {"anthropic-beta": "b", "anthropic-new-thing": "n"}
    await contents(world, headers={"x-goog-api-key": SECRET, "x-goog-api-client": "c"})
    assert dict(world.adapter.calls[1].client_headers) == {"x-goog-api-client": "c"}
    assert SECRET not in str(world.adapter.calls)


@pytest.mark.parametrize("settings", [KEYS])
async def test_errors_have_the_form_of_the_api(world: Any) -> None:
    told = await messages(world)
    assert (told.status_code, told.json()["type"]) == (401, "error")
    assert told.json()["error"]["type"] == "authentication_error"
    assert told.json()["request_id"] == told.headers["request-id"] == told.headers["x-request-id"]
    google = (await contents(world)).json()["error"]
    assert (google["code"], google["status"]) == (401, "UNAUTHENTICATED")


async def test_unknown_paths_have_the_form_of_the_api_too(world: Any) -> None:
    assert (await world.client.get("/anthropic/v1/nothing")).json()["error"]["type"] == "not_found_error"
    assert (await world.post("/gemini/v1beta/nothing", b"{}")).json()["error"]["status"] == "NOT_FOUND"
    assert (await world.post("/v1beta/models/fake/small:dance", b"{}")).json()["error"]["status"] == "NOT_FOUND"


async def test_a_typed_error_of_an_adapter_is_told_in_the_form_of_the_api(world: Any) -> None:
    error = pb.Error(status=429, type="requests", code="rate_limit_exceeded", message="slow down", retry_after_ms=7000)
    world.adapter.answer = pb.InvokeResponse(error=error)
    told = await messages(world)
    assert told.json()["error"] == {"type": "rate_limit_error", "message": "slow down"}
    assert told.headers["retry-after"] == "7"
    [detail] = (await contents(world)).json()["error"]["details"]
    assert detail["retryDelay"] == "7s"


async def test_a_context_overflow_is_told_in_words_that_clients_recover_from(world: Any) -> None:
    message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
    error = pb.Error(status=400, type="invalid_request_error", code="context_length_exceeded", message=message)
    world.adapter.answer = pb.InvokeResponse(error=error)
    assert (
        (await messages(world)).json()["error"]["message"].startswith("prompt is too long: 9000 tokens > 8192 maximum")
    )


async def test_a_vendors_own_error_comes_back_as_it_was(world: Any) -> None:
    body = b"<html>Bad Gateway</html>"
    error = pb.Error(status=502, message="x", body=body, content_type="text/html", headers={"request-id": "req_v"})
    world.adapter.answer = pb.InvokeResponse(error=error)
    told = await messages(world)
    assert (told.status_code, told.content) == (502, body)
    assert (told.headers["content-type"], told.headers["request-id"]) == ("text/html", "req_v")


async def test_an_error_inside_a_stream_has_the_form_of_the_api(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("event: x\ndata: {}\n\n")]
    told = (await messages(world, stream=True)).text
    assert told.endswith("\n\n")
    assert '\nevent: error\ndata: {"type":"error","error":{"type":"api_error"' in told
    path = "/v1beta/models/fake/small:streamGenerateContent"
    events = (await contents(world, f"{path}?alt=sse")).text
    assert loads(events.rpartition("data: ")[2])["error"]["code"] == 502
    world.adapter.frames = [kit.frame('[{"a":1}', content_type="application/json")]
    assert loads((await contents(world, path)).content)[1]["error"]["code"] == 502


@pytest.mark.parametrize("settings", ["aliases: {fast: fake/small}\n"])
async def test_an_alias_answers_where_the_vendor_has_no_such_model(world: Any) -> None:
    assert (await messages(world, model="fast")).status_code == 200
    assert (world.adapter.calls[0].model, world.adapter.calls[0].public_model) == ("small", "fast")


async def test_models_are_listed_in_the_form_of_the_api(world: Any) -> None:
    page = (await world.client.get("/anthropic/v1/models")).json()
    assert (page["data"][0]["id"], page["data"][0]["type"]) == ("fake/small", "model")
    assert (page["first_id"], page["last_id"], page["has_more"]) == ("fake/small", "fake/small", False)
    same = await world.client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})
    assert same.json() == page
    assert (await world.client.get("/anthropic/v1/models/fake/small")).json()["id"] == "fake/small"
    assert (await world.client.get("/v1/models")).json()["object"] == "list"
    [model] = (await world.client.get("/gemini/v1beta/models")).json()["models"]
    assert (model["name"], model["supportedGenerationMethods"][0]) == ("models/fake/small", "generateContent")
    assert (await world.client.get("/v1beta/models/fake/small")).json() == model


async def test_a_page_of_models_begins_after_another(world: Any) -> None:
    world.adapter.models = [pb.Model(id=name, operations=[pb.OPERATION_CHAT]) for name in ("a", "b", "c")]
    page = (await world.client.get("/anthropic/v1/models?limit=1&after_id=fake/a")).json()
    assert ([model["id"] for model in page["data"]], page["has_more"]) == (["fake/b"], True)


async def test_calls_of_earlier_turns_are_known(world: Any) -> None:
    await world.gateway.replays.keep("anonymous", "fake", {"call_1": b"blob"})
    use = {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "f", "input": {}}]}
    await messages(world, messages=[use])
    part = {"functionCall": {"id": "call_1", "name": "f", "args": {}}}
    await world.post("/v1beta/models/fake/small:generateContent", dumps({"contents": [{"parts": [part]}]}))
    assert [dict(call.replay) for call in world.adapter.calls] == [{"call_1": b"blob"}] * 2


@pytest.mark.parametrize(
    ("path", "headers", "name"),
    [
        ("/v1/chat/completions", {}, "openai"),
        ("/v1/models", {}, "openai"),
        ("/v1/models", {b"anthropic-version": b"2023-06-01"}, "anthropic"),
        ("/v1/messages", {}, "anthropic"),
        ("/anthropic/v1/models", {}, "anthropic"),
        ("/v1/models/gemini-2.0-flash:generateContent", {}, "gemini"),
        ("/v1beta/models", {}, "gemini"),
        ("/gemini/v1beta/models", {}, "gemini"),
    ],
)
def test_the_api_is_chosen_by_path_and_headers(path: str, headers: dict[bytes, bytes], name: str) -> None:
    assert choose_api(path, headers).name == name


@pytest.mark.parametrize("settings", ["aliases: {split: [{model: fake/a, weight: 1}, {model: fake/b, weight: 1}]}\n"])
async def test_a_session_keeps_its_model(world: Any) -> None:
    for session in range(20):
        for _ in range(3):
            await messages(world, model="split", headers={"x-claude-code-session-id": str(session)})
    models = [call.model for call in world.adapter.calls]
    assert all(len(set(models[i : i + 3])) == 1 for i in range(0, 60, 3))
    assert set(models) == {"a", "b"}


async def test_a_dated_model_is_found_without_its_date(world: Any) -> None:
    world.adapter.models = [pb.Model(id="big-20250101"), pb.Model(id="big-20250601", context_window=9)]
    found = (await world.client.get("/v1/models/fake/big")).json()
    assert (found["id"], found["unigate"]["context_window"]) == ("fake/big", 9)
    assert (await world.client.get("/v1/models/fake/bi")).status_code == 404


async def test_a_client_finds_its_base_url(world: Any) -> None:
    assert (await world.client.head("/anthropic")).status_code == 200


async def test_a_name_with_a_slash_may_be_the_whole_path_of_a_model(world: Any) -> None:
    assert (await contents(world, "/gemini/v1beta/fake/small:generateContent")).status_code == 200
    assert world.adapter.calls[0].model == "small"


RECORDED = {
    path.stem: loads(path.read_bytes()) for path in (Path(__file__).parents[1] / "recorded_clients").glob("*.json")
}


@pytest.mark.parametrize("name", sorted(RECORDED))
async def test_what_programs_really_send_reaches_the_adapter(world: Any, kit: Any, name: str) -> None:
    made = RECORDED[name]
    world.adapter.frames = [kit.frame("data: 1\n\n"), kit.last("data: 2\n\n")]
    address = made["path"].replace("deepseek/deepseek-chat", "fake/small")
    body = made["body"] | ({"model": "fake/small"} if "model" in made["body"] else {})
    response = await world.post(address, dumps(body), made["headers"])
    [call], [sent] = world.adapter.calls, world.adapter.bodies
    assert (response.status_code, call.model) == (200, "small")
    own = {name: value for name, value in made["headers"].items() if name.startswith(("anthropic-", "x-goog-"))}
    own = {name: value for name, value in own.items() if "key" not in name}
    assert call.client_headers == (own if call.client_format else {})
    assert loads(sent) == body


async def test_repeated_header_lines_are_one_list(world: Any) -> None:
    lines = [("content-type", "application/json"), ("anthropic-beta", "one"), ("anthropic-beta", "two")]
    await world.client.post("/v1/messages", content=dumps({"model": "fake/small", **MESSAGE}), headers=lines)
    assert dict(world.adapter.calls[0].client_headers) == {"anthropic-beta": "one, two"}


async def test_headers_that_choose_googles_project_go_no_further(world: Any) -> None:
    await contents(world, headers={"x-goog-user-project": "other", "x-goog-request-params": "a=b"})
    assert not world.adapter.calls[0].client_headers


@pytest.mark.parametrize("settings", [KEYS])
async def test_an_encoded_name_of_the_keys_parameter_goes_no_further(world: Any) -> None:
    path = f"/gemini/v1beta/models/fake/small:generateContent?%6Bey={SECRET}&alt=json"
    assert (await contents(world, path)).status_code == 200
    assert world.adapter.calls[-1].path.endswith("?alt=json")


@pytest.mark.parametrize("limit", ["9" * 5000, "²", "x", "-1", ""])
async def test_a_limit_of_a_list_that_is_no_number_is_the_usual_one(world: Any, limit: str) -> None:
    assert (await world.client.get("/anthropic/v1/models", params={"limit": limit})).status_code == 200
