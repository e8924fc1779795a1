"""The search for a gateway's capacity ends at a rate that it answers with errors, as at one that is too slow."""

from __future__ import annotations

import math
from typing import Any

import pytest

from bench import measures
from bench.load import Timing, UnexpectedAnswerError
from bench.running import Gateway


@pytest.mark.parametrize("refuses", [False, True])
async def test_errors_are_too_much(monkeypatch: pytest.MonkeyPatch, *, refuses: bool) -> None:
    async def load(goal: Any, *_: Any) -> Timing:
        if refuses and goal.url == "http://gateway":
            raise ExceptionGroup("tasks", [UnexpectedAnswerError("503")])
        return Timing(whole=[0.001] * 10)

    monkeypatch.setattr(measures, "open_loop", load)
    added, busy = await measures.load_at(Gateway("g", "http://gateway"), Gateway("d", "http://vendor"), 100, 1)
    assert (added, busy) == (math.inf if refuses else pytest.approx(1.0), 0.0)
