"""Bytes that an adapter holds for all calls at a time: request bodies, forms, and whole answers of the vendor."""

from __future__ import annotations

from typing import Self

from unigate_core.errors import SERVER_ERROR, GatewayError


class HeldBytes:
    """The sum, and its limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.total = 0

    def call(self) -> Hold:
        """What one call holds; given back at the end of its context."""
        return Hold(self)

    def take(self, size: int) -> None:
        """Count bytes. Raises GatewayError when there would be too many."""
        if self.total + size > self._limit:
            raise GatewayError(
                "The provider's adapter is overloaded. Please try again shortly.",
                status=503,
                type=SERVER_ERROR,
                code="overloaded",
                retry_after=1,
                retryable=True,
            )
        self.total += size


class Hold:
    """What one call holds."""

    __slots__ = ("_all", "size")

    def __init__(self, held: HeldBytes) -> None:
        self._all = held
        self.size = 0

    def add(self, size: int) -> None:
        """Hold more until the call is over. Raises GatewayError when too much is held by all."""
        self._all.take(size)
        self.size += size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._all.total -= self.size
