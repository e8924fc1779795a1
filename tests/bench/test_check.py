"""`make bench-check` fails for what has grown, and for nothing else."""

from bench.check import TOLERANCE, grown

BEFORE = {"chat": {"calls of the edge": 100.0, "tasks": 7.0}}


def test_what_grew_is_named() -> None:
    (told,) = grown(BEFORE, {"chat": {"calls of the edge": 100 * (1 + TOLERANCE) + 1, "tasks": 7.0}})
    assert told.startswith("chat: calls of the edge: 104")


def test_what_shrank_or_wavers_is_good() -> None:
    assert grown(BEFORE, {"chat": {"calls of the edge": 101.0, "tasks": 6.0}}) == []


def test_what_is_new_has_grown() -> None:
    assert len(grown(BEFORE, {"chat": {"timers": 2.0}})) == 1
