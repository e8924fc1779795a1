"""The efforts of reasoning, and which of a model's own comes nearest to the one that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From the least to the most."""


def nearest_effort(asked: str, efforts: Sequence[str]) -> str:
    """The supported effort closest to `asked`; on a tie, the higher one.

    'none' only if it is asked for or nothing else is supported, or if `efforts` is empty.
    """
    thinking = [effort for effort in efforts if effort != "none"]
    choices = thinking if thinking and asked != "none" else efforts
    place = EFFORTS.index(asked)
    ranked = sorted(choices, key=lambda effort: (abs(EFFORTS.index(effort) - place), -EFFORTS.index(effort)))
    return ranked[0] if ranked else "none"


_BUDGETS = ((1024, "minimal"), (4096, "low"), (12_000, "medium"))


def effort_of_budget(tokens: int) -> str:
    """The effort that comes nearest to a budget in tokens, for vendors that know efforts only."""
    if tokens == 0:
        return "none"
    return next((effort for most, effort in _BUDGETS if 0 < tokens <= most), "high")
