"""Which failures are tried again, which move on, and that nothing is after the first byte."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from unigate.provider.v1 import provider_pb2 as pb

GOOD = pb.InvokeResponse(body=b'{"ok":true}', summary=pb.Summary())
RATE_LIMITED = {"retry_after_ms": 1, "retryable": True}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
async def test_an_alias_moves_on_to_the_next(pair: Any, failing: Any, status: int) -> None:
    pair.one.script = [failing(status)]
    response = await pair.chat()
    assert response.status_code == 200
    assert response.headers["x-unigate-provider"] == "two"
    assert response.headers["x-unigate-attempts"] == "2"


async def test_moving_on_is_counted(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(503)]
    await pair.chat()
    assert pair.count("unigate_fallbacks_total", provider="one", reason="overloaded") == 1


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422])
async def test_the_clients_own_faults_stay_where_they_are(pair: Any, failing: Any, status: int) -> None:
    pair.one.script = [failing(status)]
    assert (await pair.chat()).status_code == status
    assert pair.two.calls == []


async def test_an_adapter_that_is_not_there_is_passed_over(pair: Any) -> None:
    response = await pair.chat("absent")
    assert response.status_code == 200
    assert response.headers["x-unigate-provider"] == "two"


async def test_without_anybody_else_the_last_error_is_told(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(500)]
    pair.two.script = [failing(502, code="odd")]
    response = await pair.chat()
    assert (response.status_code, response.json()["error"]["code"]) == (502, "odd")
    assert response.headers["x-unigate-attempts"] == "2"


async def test_an_overloaded_model_is_tried_once_more(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(503, retryable=True), GOOD]
    response = await pair.chat("one/m")
    assert (response.status_code, response.headers["x-unigate-attempts"]) == (200, "2")
    assert pair.count("unigate_retries_total", provider="one", reason="overloaded") == 1


async def test_a_short_limit_is_waited_for(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(429, **RATE_LIMITED), GOOD]
    assert (await pair.chat("one/m")).status_code == 200


async def test_a_long_limit_is_told(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(429, retry_after_ms=60_000), GOOD]
    response = await pair.chat("one/m")
    assert (response.status_code, response.headers["retry-after"]) == (429, "60")
    assert len(pair.one.calls) == 1


@pytest.mark.parametrize("status", [400, 500, 504])
async def test_what_may_have_been_done_is_not_tried_again(pair: Any, failing: Any, status: int) -> None:
    pair.one.script = [failing(status), GOOD]
    assert (await pair.chat("one/m")).status_code == status
    assert len(pair.one.calls) == 1


@pytest.mark.parametrize("settings", ["retries: {attempts: 0}"])
async def test_retries_can_be_switched_off(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(503), GOOD]
    assert (await pair.chat("one/m")).status_code == 503


@pytest.mark.parametrize("settings", ["retries: {budget: 0}"])
async def test_retries_end_with_their_budget(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(503), GOOD]
    assert (await pair.chat("one/m")).status_code == 503
    assert pair.count("unigate_retry_budget_exhausted_total") == 1


@pytest.mark.parametrize("settings", ["circuit: {failures: 2}\nretries: {attempts: 0}"])
async def test_a_model_that_keeps_failing_is_left_alone(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(500)]
    response = [await pair.chat("one/m") for _ in range(3)][-1]
    assert (response.status_code, response.json()["error"]["code"]) == (503, "circuit_open")
    assert 0 < int(response.headers["retry-after"]) <= 5
    assert len(pair.one.calls) == 2
    assert pair.count("unigate_circuit_state", provider="one", model="m") == 1


@pytest.mark.parametrize("settings", ["circuit: {failures: 2}"])
async def test_paths_of_responses_have_circuits_too(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(500)]
    asked = {"model": "one/m", "input": "hi"}
    answers = [await pair.client.post("/v1/responses/input_tokens", json=asked) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [500, 500, 503]
    assert answers[0].headers["x-unigate-attempts"] == "1"
    assert answers[2].json()["error"]["code"] == "circuit_open"
    assert len(pair.one.calls) == 2


@pytest.mark.parametrize("settings", ["circuit: {failures: 2}"])
async def test_an_alias_passes_over_an_open_circuit(pair: Any, failing: Any) -> None:
    pair.one.script = [failing(500)]
    response = [await pair.chat() for _ in range(3)][-1]
    assert response.headers["x-unigate-attempts"] == "1"
    assert response.headers["x-unigate-provider"] == "two"


async def test_a_stream_moves_on_before_its_first_byte(pair: Any, frame: Any) -> None:
    pair.one.frames = [[frame(error=pb.Error(status=503, message="busy"))]]
    pair.two.frames = [[frame("data: 1\n\n", summary=pb.Summary())]]
    response = await pair.chat(stream=True)
    assert (response.status_code, response.text) == (200, "data: 1\n\n")
    assert response.headers["x-unigate-attempts"] == "2"


async def test_a_stream_never_moves_on_after_its_first_byte(pair: Any, frame: Any) -> None:
    pair.one.frames = [[frame("data: 1\n\n"), frame(error=pb.Error(status=503, message="busy"))]]
    response = await pair.chat(stream=True)
    assert response.text.startswith("data: 1\n\ndata: {")
    assert pair.two.calls == []


@pytest.mark.parametrize("settings", ["timeouts: {first_byte: 0.05}"])
async def test_a_stream_that_does_not_begin_moves_on(pair: Any, frame: Any) -> None:
    pair.one.frames = [[asyncio.Event().wait]]
    pair.two.frames = [[frame("data: 2\n\n", summary=pb.Summary())]]
    assert (await pair.chat(stream=True)).text == "data: 2\n\n"
    assert pair.count("unigate_fallbacks_total", provider="one", reason="timeout") == 1


@pytest.mark.parametrize("settings", ["timeouts: {idle: 0.05}"])
async def test_a_stream_that_falls_silent_ends_with_an_error(pair: Any, frame: Any) -> None:
    pair.one.frames = [[frame("data: 1\n\n"), asyncio.Event().wait]]
    text = (await pair.chat(stream=True)).text
    assert text.startswith("data: 1\n\n")
    assert '"code":"timeout"' in text


@pytest.mark.parametrize("settings", ["timeouts: {whole: 0.05}"])
async def test_a_whole_answer_that_takes_too_long_moves_on(pair: Any) -> None:
    pair.one.script = [asyncio.Event().wait]
    response = await pair.chat()
    assert (response.status_code, response.headers["x-unigate-provider"]) == (200, "two")


@pytest.mark.parametrize("settings", ["timeouts: {total: 0.1}"])
async def test_the_total_is_of_all_attempts(pair: Any) -> None:
    pair.one.script = pair.two.script = [asyncio.Event().wait]
    assert (await pair.chat()).status_code == 504


async def test_what_the_adapter_says_about_its_error_is_passed_on(pair: Any, failing: Any) -> None:
    answer = failing(400)
    answer.head.CopyFrom(pb.Head(notes=["something"]))
    pair.one.script = [answer]
    response = await pair.chat()
    assert response.headers["x-unigate-notes"] == "something"
    assert response.headers["x-unigate-provider"] == "one"


@pytest.mark.parametrize("settings", ["shedding: {max_in_flight: 1}"])
async def test_what_is_too_much_is_shed(pair: Any) -> None:
    begun, release = asyncio.Event(), asyncio.Event()

    async def slow() -> pb.InvokeResponse:
        begun.set()
        await release.wait()
        return GOOD

    pair.one.script = [slow]
    first = asyncio.create_task(pair.chat())
    await begun.wait()
    shed = await pair.chat()
    release.set()
    assert (shed.status_code, shed.headers["retry-after"], shed.json()["error"]["code"]) == (503, "1", "overloaded")
    assert (await first).status_code == 200
    assert (await pair.chat()).status_code == 200
    assert pair.count("unigate_requests_shed_total", reason="in_flight") == 1
