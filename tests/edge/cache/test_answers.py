"""Answers that are given again: the same bytes, for the same request of the same key, while they are fresh."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.reliability.response_cache import ResponseCache
from unigate_edge.state.blob_store import StoreDown


def key(name: str, cache: str) -> str:
    """One entry of the configuration's keys."""
    return f"  - {{name: {name}, sha256: {sha256(f'sk-{name}'.encode()).hexdigest()}, cache: {cache}}}\n"


@pytest.fixture
def settings() -> str:
    """Two keys that want the cache, one that does not."""
    return "cache: {max_entry_bytes: 1000}\nkeys:\n" + key("one", "true") + key("two", "true") + key("plain", "false")


def bearer(name: str = "one", **headers: str) -> dict[str, str]:
    """The headers of a key's holder."""
    return {"authorization": f"Bearer sk-{name}"} | headers


async def ask(world: Any, name: str = "one", **members: Any) -> str | None:
    """Make a request; what the answer says about the cache."""
    state: str | None = (await world.chat(bearer(name), **members)).headers.get("x-unigate-cache")
    return state


async def test_the_second_of_two_equal_requests_is_not_made(world: Any) -> None:
    first, second = [await world.chat(bearer()) for _ in range(2)]
    assert [answer.headers["x-unigate-cache"] for answer in (first, second)] == ["miss", "hit"]
    assert (second.content, second.headers["content-type"]) == (first.content, first.headers["content-type"])
    assert second.headers["x-unigate-provider"] == "fake"
    assert second.headers["x-unigate-cost-usd"] == "0"
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(world.adapter.calls) == 1


async def test_the_order_of_members_does_not_matter(world: Any) -> None:
    bodies = (
        b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}]}',
        b'{"messages": [{"content": "hi", "role": "user"}], "model": "fake/small"}',
    )
    states = [(await world.post("/v1/chat/completions", body, bearer())).headers["x-unigate-cache"] for body in bodies]
    assert states == ["miss", "hit"]


async def test_any_other_member_is_another_request(world: Any) -> None:
    assert [await ask(world), await ask(world, seed=1), await ask(world, model="fake/large")] == ["miss"] * 3


async def test_a_key_does_not_see_the_answers_of_another(world: Any) -> None:
    assert [await ask(world, "one"), await ask(world, "two")] == ["miss", "miss"]


async def test_keys_that_do_not_want_it_have_no_cache(world: Any) -> None:
    assert [await ask(world, "plain"), await ask(world, "plain")] == [None, None]
    assert len(world.adapter.calls) == 2


async def test_a_stream_is_given_again_as_it_was(world: Any) -> None:
    first, second = [await world.chat(bearer(), stream=True) for _ in range(2)]
    assert second.headers["x-unigate-cache"] == "hit"
    assert second.content == first.content
    assert second.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert second.headers["cache-control"] == "no-store"


async def test_whole_and_streamed_answers_are_two(world: Any) -> None:
    assert [await ask(world), await ask(world, stream=True)] == ["miss", "miss"]


async def test_a_stream_that_broke_off_is_not_kept(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.frame("data: 1\n\n")]
    assert [await ask(world, stream=True), await ask(world, stream=True)] == ["miss", "miss"]


async def test_an_error_is_not_kept(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(error=pb.Error(status=400, message="No."))
    assert [await ask(world), await ask(world)] == ["miss", "miss"]


async def test_an_answer_that_is_too_large_is_not_kept(world: Any) -> None:
    world.adapter.answer = pb.InvokeResponse(body=b'"%b"' % (b"x" * 1000), summary=pb.Summary())
    assert [await ask(world), await ask(world)] == ["miss", "miss"]


async def test_no_cache_asks_again_and_keeps_what_comes(world: Any) -> None:
    await ask(world)
    again = await world.chat(bearer(**{"cache-control": "no-cache"}))
    assert (again.headers["x-unigate-cache"], await ask(world)) == ("miss", "hit")
    assert len(world.adapter.calls) == 2


async def test_no_store_is_not_kept(world: Any) -> None:
    await world.chat(bearer(**{"cache-control": "no-store"}))
    assert await ask(world) == "miss"


@pytest.mark.parametrize(("members", "second"), [({}, "None"), ({"store": False}, "hit")])
async def test_a_response_is_kept_unless_others_can_continue_it(
    world: Any, members: dict[str, Any], second: str
) -> None:
    request = {"model": "fake/small", "input": "hi"} | members
    answers = [await world.client.post("/v1/responses", json=request, headers=bearer()) for _ in range(2)]
    assert str(answers[1].headers.get("x-unigate-cache")) == second


async def test_lookups_are_counted(world: Any) -> None:
    await ask(world)
    await ask(world)
    registry = world.gateway.telemetry.registry
    for result in ("hit", "miss"):
        labels = {"operation": "chat", "result": result}
        assert registry.get_sample_value("unigate_cache_lookups_total", labels) == 1


async def test_a_hit_uses_no_tokens(world: Any) -> None:
    await ask(world)
    await ask(world)
    assert (await world.client.get("/v1/usage", headers=bearer())).json()["today"]["requests"] == 1


class DownStore:
    """A store that cannot be asked."""

    async def get(self, keys: Any) -> Any:
        raise StoreDown("gone")

    async def put(self, blobs: Any) -> None:
        raise StoreDown("gone")

    async def add(self, key: str, blob: bytes, seconds: float) -> bytes | None:
        raise StoreDown("gone")

    async def delete(self, key: str) -> bool:
        raise StoreDown("gone")

    async def close(self) -> None: ...


async def test_a_store_that_is_down_is_an_empty_one(world: Any) -> None:
    world.gateway.response_cache = ResponseCache(DownStore(), world.gateway.config.cache)
    assert [await ask(world), await ask(world)] == ["miss", "miss"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("?alt=sse", {}), ("", {})),
        (("", {"x-goog-api-client": "a"}), ("", {"x-goog-api-client": "b"})),
    ],
)
async def test_the_query_and_the_headers_of_a_vendors_api_make_another_request(
    world: Any, first: Any, second: Any
) -> None:
    states = []
    for query, headers in (first, second, first):
        path = f"/v1beta/models/fake/small:generateContent{query}"
        answer = await world.post(path, b'{"contents":[{"parts":[{"text":"hi"}]}]}', bearer(**headers))
        states.append(answer.headers["x-unigate-cache"])
    assert states == ["miss", "miss", "hit"]


async def test_a_number_beyond_all_others_is_no_failure(world: Any) -> None:
    body = b'{"model":"fake/small","messages":[{"role":"user","content":"hi"}],"foo":1e999}'
    assert (await world.post("/v1/chat/completions", body, bearer())).status_code < 500
