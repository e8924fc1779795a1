"""Refusals that are remembered for a while."""

from __future__ import annotations

import pytest

from unigate_adapter.known_refusals import MAX_KEYS, MAX_OF_KEY, SECONDS, KnownRefusals
from unigate_core.errors import UpstreamError

KEY = ("t", "m", "chat")


def refusal(message: str = "no") -> UpstreamError:
    return UpstreamError(message, status=400, type="invalid_request_error", param="p", code="c")


def messages(known: KnownRefusals, key: tuple[str, str, str] = KEY) -> list[str]:
    return [error.message for error in known.of(key)]


def test_what_was_refused_is_known_for_the_same_tenant_model_and_route() -> None:
    known = KnownRefusals()
    known.add(KEY, refusal("a"))
    known.add(KEY, refusal("b"))
    known.add(KEY, refusal("a"))
    assert messages(known) == ["a", "b"]
    [first, _] = known.of(KEY)
    assert (first.status, first.param, first.code) == (400, "p", "c")
    for key in (("u", "m", "chat"), ("t", "n", "chat"), ("t", "m", "native")):
        assert messages(known, key) == []


def test_it_is_forgotten_after_an_hour_for_models_learn() -> None:
    now = [0.0]
    known = KnownRefusals(lambda: now[0])
    known.add(KEY, refusal("a"))
    now[0] = SECONDS
    known.add(KEY, refusal("b"))
    assert messages(known) == ["a", "b"]
    now[0] = SECONDS + 1
    assert messages(known) == []
    known.add(KEY, refusal("c"))
    assert messages(known) == ["c"]


@pytest.mark.parametrize(
    "message",
    [
        "input length and `max_tokens` exceed context limit: 150000 + 64000 > 200000",
        "Invalid schema for response_format 'x': In context=(), 'additionalProperties' is required.",
        "invalid JSON schema for response_format: 'x': minItems is not supported",
        "Invalid schema for function 'f': In context=(), object schema missing properties.",
        "json mode cannot be combined with tool/function calling",
    ],
)
def test_what_holds_for_one_request_is_not_remembered(message: str) -> None:
    known = KnownRefusals()
    known.add(KEY, refusal(message))
    assert messages(known) == []


def test_memory_is_bounded() -> None:
    known = KnownRefusals()
    for i in range(2 * MAX_OF_KEY):
        known.add(KEY, refusal(f"{i} {'x' * 100_000}"))
    assert len(known.of(KEY)) == MAX_OF_KEY
    assert all(len(message) == 1000 for message in messages(known))
    for i in range(2 * MAX_KEYS):
        known.add((str(i), "m", "chat"), refusal())
    assert messages(known) == []
    assert messages(known, (str(2 * MAX_KEYS - 1), "m", "chat")) == ["no"]
