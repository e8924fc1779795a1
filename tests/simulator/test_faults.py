"""Failures on request."""

from typing import Any

import pytest

from unigate_simulator import faults
from unigate_simulator.faults import Act, Pause
from unigate_simulator.wire import Stream, Whole

ASKING = [{"role": "user", "content": "hi"}]
STREAM = Stream((b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n", b"data: 4\n\n"))


def sent(steps: Any) -> bytes:
    return b"".join(step for step in steps if isinstance(step, bytes))


def test_a_model_name_asks_for_a_fault() -> None:
    assert faults.named({}, "sim-429", "") == "429"


def test_a_model_name_behind_a_prefix_asks_for_a_fault() -> None:
    assert faults.named({}, "models/sim-stall-mid", "") == "stall-mid"


def test_a_header_asks_for_a_fault() -> None:
    assert faults.named({"x-simulator-fault": "cut"}, "gpt-4o", "") == "cut"


def test_the_user_asks_for_a_fault() -> None:
    assert faults.named({}, "gpt-4o", "please [[sim:503]] now") == "503"


def test_an_unknown_fault_is_none() -> None:
    assert faults.named({}, "sim-something", "[[sim:nothing]]") is None


def test_only_the_last_user_turn_asks() -> None:
    body = {"messages": [{"role": "user", "content": "[[sim:429]]"}, {"role": "user", "content": "again"}]}
    assert faults.named({}, "gpt-4o", faults.last_user_text(body)) is None


def test_nothing_is_changed_without_a_fault() -> None:
    assert sent(faults.plan(STREAM, None, 0, b"")) == b"".join(STREAM.events)


def test_some_events_are_written_in_two_pieces() -> None:
    assert len(faults.plan(STREAM, None, 0, b"")) == 5


def test_events_are_paced() -> None:
    assert faults.plan(STREAM, None, 0.02, b"").count(Pause(0.02)) == 4


def test_a_stall_sends_nothing() -> None:
    assert faults.plan(STREAM, "stall", 0, b"") == [Act.STALL]


def test_a_stall_in_the_middle_sends_the_beginning() -> None:
    steps = faults.plan(STREAM, "stall-mid", 0, b"")
    assert (steps[0], steps[-1]) == (b"data: 1\n\n", Act.STALL)


def test_a_cut_aborts_the_connection() -> None:
    assert faults.plan(STREAM, "cut", 0, b"")[-1] is Act.CUT


def test_an_early_end_is_clean() -> None:
    assert sent(faults.plan(STREAM, "eof", 0, b"")) == b"data: 1\n\ndata: 2\n\n"


def test_malformed_data_stands_in_the_middle() -> None:
    assert b'{"broken": "in the mid\n\n' in sent(faults.plan(STREAM, "malformed", 0, b""))


def test_an_error_event_ends_the_stream() -> None:
    assert sent(faults.plan(STREAM, "error-mid", 0, b"data: error\n\n")).endswith(b"2\n\ndata: error\n\n")


def test_a_slow_answer_waits_before_its_first_byte() -> None:
    assert isinstance(faults.plan(Whole(b"{}"), "slow", 0, b"")[0], Pause)


def test_malformed_json_does_not_parse() -> None:
    assert sent(faults.plan(Whole(b'{"a":{"b":1}}'), "malformed", 0, b"")).endswith(b"<html>")


STATUSES = [
    ("openai", "chat/completions", {"messages": [{"role": "user", "content": "x"}]}),
    ("deepseek", "chat/completions", {"messages": [{"role": "user", "content": "x"}]}),
    ("anthropic", "v1/messages", {"messages": [{"role": "user", "content": "x"}], "max_tokens": 9}),
]


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 529])
@pytest.mark.parametrize(("vendor", "path", "body"), STATUSES)
async def test_a_status_is_answered_by_every_vendor(ask: Any, vendor: str, path: str, body: Any, status: int) -> None:
    response = await ask(vendor, path, body | {"model": f"sim-{status}"})
    assert (response.status_code, "message" in response.json()["error"]) == (status, True)


@pytest.mark.parametrize(("vendor", "path", "body"), STATUSES)
async def test_a_rate_limit_says_when_to_retry(ask: Any, vendor: str, path: str, body: Any) -> None:
    assert (await ask(vendor, path, body | {"model": "sim-429"})).headers["retry-after"] == "2"


async def test_gemini_says_in_the_body_when_to_retry(ask: Any) -> None:
    response = await ask("gemini", "v1beta/models/sim-429:generateContent", {"contents": [{"parts": [{"text": "x"}]}]})
    assert response.json()["error"]["details"][-1]["retryDelay"] == "2s"


async def test_an_error_in_the_middle_of_a_whole_answer_is_a_server_error(ask: Any) -> None:
    body = {"model": "sim-error-mid", "messages": [{"role": "user", "content": "x"}]}
    assert (await ask("openai", "chat/completions", body)).status_code == 500


def test_an_unknown_event_follows_the_first() -> None:
    assert sent(faults.plan(STREAM, "unknown-event", 0, b"", b"data: new\n\n")).startswith(
        b"data: 1\n\ndata: new\n\ndata: 2"
    )


def test_media_get_no_unknown_event() -> None:
    sound = Stream((b"ab", b"cd"), content_type="audio/mpeg")
    assert sent(faults.plan(sound, "unknown-event", 0, b"", b"data: new\n\n")) == b"abcd"


@pytest.mark.parametrize(
    ("vendor", "path", "request_"),
    [
        ("anthropic", "v1/messages", {"max_tokens": 50, "messages": ASKING}),
        ("openai", "v1/chat/completions", {"messages": ASKING}),
        ("openai", "v1/responses", {"input": "hi"}),
        ("deepseek", "chat/completions", {"messages": ASKING}),
        ("deepseek", "responses", {"input": "hi"}),
    ],
)
async def test_every_vendor_has_an_unknown_event(ask: Any, vendor: str, path: str, request_: Any) -> None:
    answer = await ask(vendor, path, {"model": "sim-unknown-event", "stream": True, **request_})
    assert "sim_telemetry" in answer.text


async def test_gemini_has_an_unknown_part(ask: Any) -> None:
    path = "v1beta/models/sim-unknown-event:streamGenerateContent?alt=sse"
    answer = await ask("gemini", path, {"contents": [{"parts": [{"text": "hi"}]}]})
    assert "simTelemetry" in answer.text


@pytest.mark.parametrize(("asked", "expected"), [("429", ("429", None)), ("429x3", ("429", 3)), ("cut", ("cut", None))])
def test_a_fault_may_have_a_number_of_times(asked: str, expected: tuple[str, int | None]) -> None:
    assert faults.named({}, f"sim-{asked}", "") == asked
    assert faults.counted(asked) == expected


async def test_a_fault_with_a_number_ends(ask: Any) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "again [[sim:503x2]]"}]}
    statuses = [(await ask("openai", "chat/completions", body)).status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
