"""`Idempotency-Key`: one answer for all requests with the same key and body."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb

GOOD = pb.InvokeResponse(body=b'{"ok":true}', summary=pb.Summary())
KEY = {"idempotency-key": "k1"}
TWO_TENANTS = (
    "keys: [{name: a, sha256: '"
    + sha256(b"a").hexdigest()
    + "'}, {name: b, sha256: '"
    + sha256(b"b").hexdigest()
    + "'}]"
)


async def test_a_repeated_request_gets_the_first_answer(pair: Any) -> None:
    first, again = [await pair.chat("one/m", KEY) for _ in range(2)]
    assert again.content == first.content
    assert again.headers["idempotent-replayed"] == "true"
    assert len(pair.one.calls) == 1


async def test_each_answer_has_a_request_id_of_its_own(pair: Any) -> None:
    first, again = [await pair.chat("one/m", KEY) for _ in range(2)]
    assert first.headers["x-request-id"] != again.headers["x-request-id"]


async def test_another_key_is_another_request(pair: Any) -> None:
    await pair.chat("one/m", KEY)
    await pair.chat("one/m", {"idempotency-key": "k2"})
    assert len(pair.one.calls) == 2


async def test_another_body_is_refused(pair: Any) -> None:
    await pair.chat("one/m", KEY)
    response = await pair.chat("one/m", KEY, temperature=1)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "idempotency_key_reused")


async def test_what_failed_may_do_better(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(500), GOOD]
    assert [(await pair.chat("one/m", KEY)).status_code for _ in range(2)] == [500, 200]


async def test_who_comes_at_the_same_time_waits(pair: Any) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow() -> pb.InvokeResponse:
        begun.set()
        await release.wait()
        return GOOD

    pair.one.script = [slow]
    requests = [asyncio.create_task(pair.chat("one/m", KEY)) for _ in range(3)]
    await begun.wait()
    release.set()
    answers = [await request for request in requests]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(pair.one.calls) == 1


async def test_streams_are_answered_anew(pair: Any, frame: Any) -> None:
    pair.one.frames = [[frame("data: 1\n\n", summary=pb.Summary())]]
    for _ in range(2):
        await pair.chat("one/m", KEY, stream=True)
    assert len(pair.one.calls) == 2


@pytest.mark.parametrize("settings", [TWO_TENANTS])
async def test_keys_are_a_tenants_own(pair: Any) -> None:
    for token in ("a", "b"):
        response = await pair.chat("one/m", KEY | {"authorization": f"Bearer {token}"})
        assert "idempotent-replayed" not in response.headers
    assert len(pair.one.calls) == 2


@pytest.mark.parametrize("settings", ["idempotency: {ttl: 0}"])
async def test_it_can_be_switched_off(pair: Any) -> None:
    for _ in range(2):
        await pair.chat("one/m", KEY)
    assert len(pair.one.calls) == 2


async def test_a_key_that_is_too_long_is_refused(pair: Any) -> None:
    assert (await pair.chat("one/m", {"idempotency-key": "k" * 256})).status_code == 400


async def test_of_two_replicas_that_get_a_key_at_the_same_moment_one_answers(replicas: Any) -> None:
    keys = [{"idempotency-key": f"k{number}"} for number in range(10)]
    answers = await asyncio.gather(*(replica.chat("one/m", key) for key in keys for replica in replicas))
    assert [answer.status_code for answer in answers] == [200] * 20
    assert len(replicas[0].one.calls) == len(keys)


async def test_another_replica_answers_what_failed_at_the_first(replicas: Any, failing: Any) -> None:
    replicas[0].one.script = [failing(500), GOOD]
    assert [(await replica.chat("one/m", KEY)).status_code for replica in replicas] == [500, 200]


async def test_another_replica_refuses_another_body(replicas: Any) -> None:
    await replicas[0].chat("one/m", KEY)
    response = await replicas[1].chat("one/m", KEY, temperature=1)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "idempotency_key_reused")


async def test_a_replica_that_died_while_it_answered_is_waited_for_only_so_long(replicas: Any) -> None:
    dead = replicas[0].gateway.idempotency
    dead.abandoned_after = 0.1

    async def dies(name: str, fingerprint: bytes, answer: Any) -> None:
        """Tell the store nothing."""

    dead._settle = dies
    for replica in replicas:
        response = await replica.chat("one/m", KEY)
        assert (response.status_code, "idempotent-replayed" in response.headers) == (200, False)
    assert "idempotent-replayed" in (await replicas[1].chat("one/m", KEY)).headers
