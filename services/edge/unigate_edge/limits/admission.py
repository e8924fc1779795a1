"""What is reserved of a key's limits for one request."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from unigate_edge.limits.counters import Counters
from unigate_edge.limits.delivered import Delivered
from unigate_edge.limits.estimate import Estimate
from unigate_edge.limits.reservations import KeyLimitScopes, Reservation


class ReservationBatch(msgspec.Struct, frozen=True):
    """Reservations that were granted together, where they are counted and since when.

    `extra`: more of what is reserved already.
    """

    reservations: Sequence[Reservation]
    counters: Counters
    at: int
    extra: bool = False


class Admission(msgspec.Struct):
    """What a request is expected to use, and what is reserved for it.

    `counted` names where the request itself is counted, `covered` is the number of output tokens that are reserved,
    `delivered` the text that a client has got of a stream.
    """

    scopes: KeyLimitScopes
    model: str
    estimate: Estimate
    batches: list[ReservationBatch] = msgspec.field(default_factory=list)
    counted: set[str] = msgspec.field(default_factory=set)
    covered: int = 0
    delivered: Delivered | None = None
