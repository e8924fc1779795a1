"""Scripted faults of the vendor and of an adapter: what the client sees, what is tried again, what is counted."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

STREAM = pytest.mark.parametrize("stream", [False, True])


@STREAM
@pytest.mark.parametrize(
    ("fault", "status", "asked"),
    [("400", 400, 1), ("401", 502, 1), ("429", 429, 2), ("500", 500, 1), ("503", 503, 2), ("stall", 504, 1)],
)
def test_a_fault_before_the_first_byte(
    gate: Any, vendor_log: Any, fault: str, status: int, asked: int, stream: bool
) -> None:
    response = gate.chat(f"openai/sim-{fault}", stream=stream)
    assert response.status_code == status
    assert list(response.json()["error"]) == ["message", "type", "param", "code"]
    assert response.headers["x-unigate-attempts"] == str(asked)
    assert len(vendor_log()) == asked


@STREAM
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("401", "credentials"),
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("503", "overloaded"),
        ("stall", "timeout"),
    ],
)
def test_a_chain_moves_on(gate: Any, vendor_log: Any, fault: str, reason: str, stream: bool) -> None:
    before = gate.count("unigate_fallbacks_total", reason=reason)
    response = gate.chat(f"chain-{fault}", stream=stream)
    assert (response.status_code, response.headers["x-unigate-provider"]) == (200, "deepseek")
    assert response.headers["x-unigate-attempts"] == "2"
    assert gate.count("unigate_fallbacks_total", reason=reason) == before + 1
    assert len(vendor_log()) == 2


@STREAM
def test_a_chain_stays_where_the_request_is_at_fault(gate: Any, vendor_log: Any, stream: bool) -> None:
    response = gate.chat("chain-400", stream=stream)
    assert (response.status_code, response.headers["x-unigate-provider"]) == (400, "openai")
    assert len(vendor_log()) == 1


@pytest.mark.parametrize("fault", ["stall-mid", "cut"])
def test_a_stream_that_ends_badly_is_told_so_and_answered_once(gate: Any, vendor_log: Any, fault: str) -> None:
    response = gate.chat(f"chain-{fault}", stream=True)
    assert response.status_code == 200
    assert response.headers["x-unigate-provider"] == "openai"
    assert '"error"' in response.text.rstrip().rsplit("data: ", 1)[1]
    assert "[DONE]" not in response.text
    assert len(vendor_log()) == 1


@pytest.mark.parametrize("fault", ["stall-mid", "cut"])
def test_a_whole_answer_that_breaks_off_moves_on(gate: Any, vendor_log: Any, fault: str) -> None:
    response = gate.chat(f"chain-{fault}")
    assert (response.status_code, response.headers["x-unigate-provider"]) == (200, "deepseek")
    assert len(vendor_log()) == 2


def test_a_slow_vendor_is_waited_for(gate: Any, vendor_log: Any) -> None:
    response = gate.chat("chain-slow")
    assert (response.status_code, response.headers["x-unigate-provider"]) == (200, "openai")
    assert len(vendor_log()) == 1


def test_an_adapter_that_is_killed_is_passed_over_and_taken_back(gate: Any, system: Any) -> None:
    try:
        system.signal("openai", signal.SIGKILL).wait()
        answers = [gate.chat("chain-slow") for _ in range(5)]
    finally:
        system.start("openai")
    assert {(each.status_code, each.headers["x-unigate-provider"]) for each in answers} == {(200, "deepseek")}
    gate.until(lambda: gate.chat("chain-slow").headers["x-unigate-provider"] == "openai")


def test_a_request_whose_adapter_is_killed_under_it_moves_on(gate: Any, system: Any, vendor_log: Any) -> None:
    answers: list[Any] = []
    request = threading.Thread(target=lambda: answers.append(gate.chat("chain-slow")))
    request.start()
    gate.until(lambda: bool(vendor_log()))
    try:
        system.signal("openai", signal.SIGKILL).wait()
        request.join(30)
    finally:
        system.start("openai")
    assert (answers[0].status_code, answers[0].headers["x-unigate-provider"]) == (200, "deepseek")
    gate.until(lambda: gate.chat("openai/gpt-4o").status_code == 200)


def test_an_adapter_that_is_not_there_is_told_fast(gate: Any, system: Any) -> None:
    try:
        system.signal("openai", signal.SIGKILL).wait()
        begun = time.monotonic()
        response = gate.chat("openai/gpt-4o")
        took = time.monotonic() - begun
    finally:
        system.start("openai")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "provider_unavailable")
    assert response.headers["retry-after"] == "2"
    assert took < 5
    gate.until(lambda: gate.chat("openai/gpt-4o").status_code == 200)
