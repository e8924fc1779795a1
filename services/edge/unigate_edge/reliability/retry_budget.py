"""A retry budget: each request pays in a part of a retry, each retry takes out a whole one."""

from __future__ import annotations

RESERVE = 10.0
"""Retries that are there at the start, and the most that can be saved up beyond them is ten times as many."""


class RetryBudget:
    """How many retries may still be made."""

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio
        self._balance = RESERVE if ratio else 0.0

    def deposit(self) -> None:
        """A request has come."""
        self._balance = min(self._balance + self._ratio, 10 * RESERVE)

    def withdraw(self) -> bool:
        """Take a retry; returns whether there was one."""
        if self._balance < 1:
            return False
        self._balance -= 1
        return True
