"""Calls whose request is passed on: sent again without what the vendor refused, or at once without what is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from unigate_adapter.adapter import Adapter
from unigate_adapter.known_refusals import Key
from unigate_core.errors import INVALID_STATUSES, GatewayError, UpstreamError

R = TypeVar("R")


class RelaxedCall(Generic[R]):
    """A pass-through call that is sent again without what the vendor refused. R is the type of its requests.

    Subclasses implement `_relaxed` and `_refusal_key`.
    """

    max_relaxations: int
    """How often one request is sent again."""
    _adapter: Adapter
    _answered = False
    """Whether the vendor has begun to answer: then it is too late to ask again."""
    _relaxations = 0

    def _refusal_key(self) -> Key:
        raise NotImplementedError

    def _relaxed(self, sent: R, errors: Sequence[GatewayError]) -> R | None:
        """The request without what these refusals name, which is reported; None where nothing can be done."""
        raise NotImplementedError

    def _without_known(self, sent: R) -> R:
        """The request without what the vendor is known to refuse."""
        known = self._adapter.refusals.of(self._refusal_key())
        return (self._relaxed(sent, known) if known else None) or sent

    def _after(self, sent: R, error: UpstreamError) -> R:
        """The request without what the vendor has just refused. Raises the refusal where nothing can be done."""
        may_change = not self._answered and self._relaxations < self.max_relaxations
        relaxed = self._relaxed(sent, (error,)) if may_change and error.status in INVALID_STATUSES else None
        if relaxed is None:
            raise error
        self._relaxations += 1
        self._adapter.refusals.add(self._refusal_key(), error)
        return relaxed
