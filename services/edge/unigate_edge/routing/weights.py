"""The order in which the models of a split are tried: drawn by weight, the first as well as those that follow it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from itertools import count
from typing import TypeVar

T = TypeVar("T")


def draws_of(conversation: str) -> Callable[[], float]:
    """Draws from [0, 1) that are the same for the same conversation, on every replica."""
    numbers = count()

    def draw() -> float:
        digest = sha256(f"{conversation}\0{next(numbers)}".encode(errors="replace")).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    return draw


def weighted_order(choices: Sequence[tuple[T, float]], chance: Callable[[], float]) -> tuple[T, ...]:
    """All choices; those of weight 0 come last, in their own order. `chance` draws from [0, 1)."""
    left = [(choice, weight) for choice, weight in choices if weight > 0]
    order: list[T] = []
    while left:
        point = chance() * sum(weight for _, weight in left)
        place = 0
        for place, (_, weight) in enumerate(left):  # noqa: B007
            point -= weight
            if point < 0:
                break
        order.append(left.pop(place)[0])
    return (*order, *(choice for choice, weight in choices if weight <= 0))
