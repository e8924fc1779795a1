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


def limit_reached(verdict: Decision, claims: Sequence[Reservation], model: str, now: datetime) -> GatewayError:
    """The refusal of a request whose claims were not granted."""
    claim = verdict.refused
    assert claim is not None  # noqa: S101 - only such verdicts come here
    if claim.kind in _PERIODS:
        return _budget_spent(claim, now)
    standing = verdict.standings[list(claims).index(claim)]
    kind = "tokens" if claim.kind == "tokens" else "requests"
    if claim.amount > claim.limit > 0:
        return GatewayError(
            f"Request too large for {model} on {_WORDS[claim.kind]}: Limit {claim.limit}, Requested {claim.amount}. "
            "The input or output tokens must be reduced in order to run successfully.",
            status=429,
            type=kind,
            code="rate_limit_exceeded",
            headers=DO_NOT_RETRY,
        )
    retry = standing.retry or 60.0
    return GatewayError(
        f"Rate limit reached for {model} on {_WORDS[claim.kind]}: Limit {claim.limit}, Used {standing.used}, "
        f"Requested {claim.amount}. Please try again in {format_duration(retry)}.",
        status=429,
        type=kind,
        code="rate_limit_exceeded",
        retry_after=retry,
    )


def _budget_spent(claim: Reservation, now: datetime) -> GatewayError:
    period = _PERIODS[claim.kind]
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


def limit_headers(claims: Sequence[Reservation], verdict: Decision) -> dict[bytes, bytes]:
    """The headers that tell how the limits stand, of each kind the one that is nearest."""
    nearest: dict[Kind, tuple[int, Reservation, LimitUsage]] = {}
    for claim, standing in zip(claims, verdict.standings, strict=True):
        booked = claim.amount if verdict.refused is None else 0
        remaining = max(0, claim.limit - standing.used - booked)
        known = nearest.get(claim.kind)
        if known is None or remaining < known[0]:
            nearest[claim.kind] = (remaining, claim, standing)
    headers = {}
    for kind in ("requests", "tokens"):
        if kind in nearest:
            remaining, claim, standing = nearest[kind]
            reset = max(standing.reset, 60.0 if verdict.refused is None else 0.0)
            headers[b"x-ratelimit-limit-%b" % kind.encode()] = b"%d" % claim.limit
            headers[b"x-ratelimit-remaining-%b" % kind.encode()] = b"%d" % remaining
            headers[b"x-ratelimit-reset-%b" % kind.encode()] = format_duration(reset).encode()
    return headers


def _next(period: str, now: datetime) -> datetime:
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return start + timedelta(days=1)
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
