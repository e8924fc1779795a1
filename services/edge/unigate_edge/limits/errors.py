"""A limit that is reached → OpenAI's 429; how the limits stand → OpenAI's headers.

https://platform.openai.com/docs/guides/rate-limits
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from unigate_core.durations import format_duration
from unigate_core.errors import GatewayError
from unigate_edge.errors import DO_NOT_RETRY, state_unavailable
from unigate_edge.limits.reservations import Decision, Kind, LimitUsage, Reservation

_WORDS: MappingProxyType[Kind, str] = MappingProxyType(
    {
        "requests": "requests per min (RPM)",
        "tokens": "tokens per min (TPM)",
        "concurrent": "concurrent requests",
    }
)
_PERIODS: MappingProxyType[Kind, str] = MappingProxyType({"budget_day": "day", "budget_month": "month"})


def limit_reached(decision: Decision, reservations: Sequence[Reservation], model: str, now: datetime) -> GatewayError:
    """The refusal of a request whose reservations were not granted."""
    reservation = decision.refused
    assert reservation is not None  # noqa: S101 - only such decisions come here
    if reservation.kind in _PERIODS:
        return _budget_spent(reservation, now)
    usage = decision.usages[list(reservations).index(reservation)]
    kind = "tokens" if reservation.kind == "tokens" else "requests"
    if reservation.amount > reservation.limit > 0:
        return GatewayError(
            f"Request too large for {model} on {_WORDS[reservation.kind]}: "
            f"Limit {reservation.limit}, Requested {reservation.amount}. "
            "The input or output tokens must be reduced in order to run successfully.",
            status=429,
            type=kind,
            code="rate_limit_exceeded",
            headers=DO_NOT_RETRY,
        )
    retry = usage.retry or 60.0
    return GatewayError(
        f"Rate limit reached for {model} on {_WORDS[reservation.kind]}: Limit {reservation.limit}, Used {usage.used}, "
        f"Requested {reservation.amount}. Please try again in {format_duration(retry)}.",
        status=429,
        type=kind,
        code="rate_limit_exceeded",
        retry_after=retry,
    )


def _budget_spent(reservation: Reservation, now: datetime) -> GatewayError:
    period = _PERIODS[reservation.kind]
    return GatewayError(
        f"You exceeded your current quota: the budget of the {period} is spent, or what is left is less than the "
        "request may cost.",
        status=429,
        type="insufficient_quota",
        code="insufficient_quota",
        retry_after=(_next(period, now) - now).total_seconds(),
        headers=DO_NOT_RETRY,
    )


def counters_unavailable() -> GatewayError:
    """The store of the counters is down, and the configuration says not to go on without."""
    return state_unavailable("Limits cannot be counted")


def limit_headers(reservations: Sequence[Reservation], decision: Decision) -> dict[bytes, bytes]:
    """The headers that say how the limits stand, of each kind the one that is nearest."""
    nearest: dict[Kind, tuple[int, Reservation, LimitUsage]] = {}
    for reservation, usage in zip(reservations, decision.usages, strict=True):
        reserved = reservation.amount if decision.refused is None else 0
        remaining = max(0, reservation.limit - usage.used - reserved)
        known = nearest.get(reservation.kind)
        if known is None or remaining < known[0]:
            nearest[reservation.kind] = (remaining, reservation, usage)
    headers = {}
    for kind in ("requests", "tokens"):
        if kind in nearest:
            remaining, reservation, usage = nearest[kind]
            reset = max(usage.reset, 60.0 if decision.refused is None else 0.0)
            headers[b"x-ratelimit-limit-%b" % kind.encode()] = b"%d" % reservation.limit
            headers[b"x-ratelimit-remaining-%b" % kind.encode()] = b"%d" % remaining
            headers[b"x-ratelimit-reset-%b" % kind.encode()] = format_duration(reset).encode()
    return headers


def _next(period: str, now: datetime) -> datetime:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return start + timedelta(days=1)
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
