"""The parts that decide: kinds of failure, backoff, budget, circuits, weights."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from unigate_core.errors import GatewayError
from unigate_edge.config.reliability import Circuit, Retries
from unigate_edge.reliability.backoff import delay
from unigate_edge.reliability.circuit import MAX_BREAKERS, Circuits, State
from unigate_edge.reliability.failure_kinds import FailureKind, failure_kind
from unigate_edge.reliability.retry_budget import RetryBudget
from unigate_edge.routing.weights import weighted_order


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, None, FailureKind.REFUSED),
        (404, "model_not_found", FailureKind.REFUSED),
        (429, "rate_limit_exceeded", FailureKind.RATE_LIMITED),
        (429, "insufficient_quota", FailureKind.OUT_OF_QUOTA),
        (500, None, FailureKind.SERVER_ERROR),
        (502, "upstream_unreachable", FailureKind.UNREACHABLE),
        (502, "upstream_auth_error", FailureKind.CREDENTIALS),
        (503, "overloaded", FailureKind.OVERLOADED),
        (503, "provider_unavailable", FailureKind.UNREACHABLE),
        (504, "timeout", FailureKind.TIMEOUT),
        (529, None, FailureKind.OVERLOADED),
    ],
)
def test_failures_have_kinds(status: int, code: str | None, kind: FailureKind) -> None:
    assert failure_kind(GatewayError("", status=status, type="", code=code)) is kind


def test_the_wait_doubles_up_to_its_limit() -> None:
    policy = Retries(attempts=5, backoff=0.5, max_delay=3)
    assert [delay(policy, FailureKind.OVERLOADED, None, done, lambda: 1) for done in range(5)] == [0.5, 1, 2, 3, 3]


def test_the_wait_is_drawn_below_its_limit() -> None:
    assert delay(Retries(backoff=1), FailureKind.OVERLOADED, None, 0, lambda: 0.25) == 0.25


def test_there_are_no_more_retries_than_allowed() -> None:
    assert delay(Retries(attempts=1), FailureKind.OVERLOADED, None, 1, lambda: 1) is None


def test_retries_can_be_switched_off() -> None:
    assert delay(Retries(attempts=0), FailureKind.UNREACHABLE, None, 0, lambda: 1) is None


def test_the_providers_own_wait_is_kept() -> None:
    assert delay(Retries(), FailureKind.RATE_LIMITED, 1.5, 0, lambda: 0) == 1.5


def test_a_long_wait_is_the_clients_to_decide() -> None:
    assert delay(Retries(max_delay=2), FailureKind.RATE_LIMITED, 2.1, 0, lambda: 0) is None


def test_a_limit_without_a_wait_is_not_tried_again() -> None:
    assert delay(Retries(), FailureKind.RATE_LIMITED, None, 0, lambda: 0) is None


@pytest.mark.parametrize(
    "kind", [FailureKind.TIMEOUT, FailureKind.SERVER_ERROR, FailureKind.CREDENTIALS, FailureKind.OUT_OF_QUOTA]
)
def test_by_default_only_what_did_not_begin_is_tried_again(kind: FailureKind) -> None:
    assert delay(Retries(), kind, None, 0, lambda: 0) is None


def test_the_budget_ends() -> None:
    budget = RetryBudget(0.2)
    assert [budget.withdraw() for _ in range(11)] == [*[True] * 10, False]


def test_requests_fill_the_budget() -> None:
    budget = RetryBudget(0.2)
    while budget.withdraw():
        pass
    for _ in range(5):
        budget.deposit()
    assert budget.withdraw()
    assert not budget.withdraw()


def test_a_budget_of_nothing_allows_nothing() -> None:
    assert not RetryBudget(0).withdraw()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuits(clock: Clock) -> Circuits:
    return Circuits(Circuit(failures=3, ratio=0.5, window=10, open=5), clock=clock)


def fail(circuits: Circuits, times: int, model: str = "m") -> None:
    for _ in range(times):
        circuits.failed("p", model)


def test_a_circuit_opens_after_enough_failures(circuits: Circuits) -> None:
    fail(circuits, 2)
    assert circuits.try_acquire("p", "m") == 0
    fail(circuits, 1)
    assert circuits.try_acquire("p", "m") == 5


def test_circuits_are_of_one_model(circuits: Circuits) -> None:
    fail(circuits, 3)
    assert circuits.try_acquire("p", "other") == 0


def test_a_few_failures_among_many_calls_open_nothing(circuits: Circuits) -> None:
    fail(circuits, 1)
    for _ in range(10):
        circuits.succeeded("p", "m")
    fail(circuits, 3)
    assert circuits.try_acquire("p", "m") == 0


def test_old_failures_are_forgotten(circuits: Circuits, clock: Clock) -> None:
    fail(circuits, 2)
    clock.now = 11
    fail(circuits, 2)
    assert circuits.try_acquire("p", "m") == 0


def test_a_half_open_circuit_lets_one_probe_through(circuits: Circuits, clock: Clock) -> None:
    fail(circuits, 3)
    clock.now = 5
    assert circuits.try_acquire("p", "m") == 0
    assert circuits.try_acquire("p", "m") == 5


def test_a_probe_that_succeeds_closes_the_circuit(circuits: Circuits, clock: Clock) -> None:
    fail(circuits, 3)
    clock.now = 5
    circuits.try_acquire("p", "m")
    circuits.succeeded("p", "m")
    assert [circuits.try_acquire("p", "m") for _ in range(3)] == [0, 0, 0]


def test_a_probe_that_fails_opens_it_again(circuits: Circuits, clock: Clock) -> None:
    fail(circuits, 3)
    clock.now = 5
    circuits.try_acquire("p", "m")
    fail(circuits, 1)
    clock.now = 9
    assert circuits.try_acquire("p", "m") == 1


def test_a_probe_that_is_lost_is_followed_by_another(circuits: Circuits, clock: Clock) -> None:
    fail(circuits, 3)
    clock.now = 5
    circuits.try_acquire("p", "m")
    clock.now = 10
    assert circuits.try_acquire("p", "m") == 0


def test_an_answer_of_before_it_opened_does_not_close_it(circuits: Circuits) -> None:
    fail(circuits, 3)
    circuits.succeeded("p", "m")
    assert circuits.try_acquire("p", "m") > 0


def test_circuits_can_be_switched_off() -> None:
    circuits = Circuits(Circuit(failures=0))
    fail(circuits, 100)
    assert circuits.try_acquire("p", "m") == 0


def test_states_are_told(clock: Clock) -> None:
    told: list[State | None] = []
    circuits = Circuits(Circuit(failures=1, open=5), lambda _p, _m, state: told.append(state), clock)
    fail(circuits, 1)
    clock.now = 5
    circuits.try_acquire("p", "m")
    circuits.succeeded("p", "m")
    assert told == [State.OPEN, State.HALF_OPEN, State.CLOSED]


def test_the_names_of_clients_cannot_fill_the_memory() -> None:
    forgotten: list[str] = []
    circuits = Circuits(Circuit(), lambda _p, model, state: forgotten.append(model) if state is None else None)
    for number in range(MAX_BREAKERS + 3):
        circuits.failed("p", str(number))
    assert forgotten == ["0", "1", "2"]


def test_the_first_is_drawn_by_weight() -> None:
    chance = Random(1).random
    firsts = Counter(weighted_order([("a", 3), ("b", 1)], chance)[0] for _ in range(4000))
    assert firsts["a"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_all_the_others_follow() -> None:
    assert sorted(weighted_order([("a", 3), ("b", 1), ("c", 0)], Random(1).random)) == ["a", "b", "c"]


def test_what_has_no_weight_comes_last_in_its_order() -> None:
    assert weighted_order([("x", 0), ("a", 1), ("y", 0)], lambda: 0.5) == ("a", "x", "y")
