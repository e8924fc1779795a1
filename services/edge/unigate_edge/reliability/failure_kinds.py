"""An error → what kind of failure it is, which decides whether another attempt makes sense."""

from __future__ import annotations

from enum import StrEnum

from unigate_core.errors import GatewayError


class FailureKind(StrEnum):
    """Why an attempt failed."""

    UNREACHABLE = "unreachable"
    """No adapter, or no connection to the provider."""
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    """503 and 529."""
    TIMEOUT = "timeout"
    SERVER_ERROR = "server_error"
    """Every other 5xx, and answers that break off before their first byte."""
    CREDENTIALS = "credentials"
    """The provider refused the gateway's own key."""
    OUT_OF_QUOTA = "out_of_quota"
    """429 that waiting does not end."""
    CIRCUIT_OPEN = "circuit_open"
    REFUSED = "refused"
    """The request itself is at fault: it would be anywhere."""


_BY_CODE = {
    "upstream_unreachable": FailureKind.UNREACHABLE,
    "provider_unavailable": FailureKind.UNREACHABLE,
    "upstream_auth_error": FailureKind.CREDENTIALS,
    "insufficient_quota": FailureKind.OUT_OF_QUOTA,
    "circuit_open": FailureKind.CIRCUIT_OPEN,
}
_BY_STATUS = {
    408: FailureKind.TIMEOUT,
    429: FailureKind.RATE_LIMITED,
    503: FailureKind.OVERLOADED,
    504: FailureKind.TIMEOUT,
    529: FailureKind.OVERLOADED,
}
TRIPS_CIRCUIT: frozenset[FailureKind] = frozenset(
    {FailureKind.UNREACHABLE, FailureKind.OVERLOADED, FailureKind.TIMEOUT, FailureKind.SERVER_ERROR}
)
"""What speaks against the model's health, for its circuit."""


def failure_kind(error: GatewayError) -> FailureKind:
    """The kind of a failure."""
    kind = _BY_CODE.get(error.code or "") if error.status >= 429 else None
    return kind or _BY_STATUS.get(
        error.status, FailureKind.SERVER_ERROR if error.status >= 500 else FailureKind.REFUSED
    )
