"""An error → what kind of failure it is, which decides whether another attempt makes sense."""

from __future__ import annotations

from enum import StrEnum

from unigate_core.errors import GatewayError


class Kind(StrEnum):
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
    "upstream_unreachable": Kind.UNREACHABLE,
    "provider_unavailable": Kind.UNREACHABLE,
    "upstream_auth_error": Kind.CREDENTIALS,
    "insufficient_quota": Kind.OUT_OF_QUOTA,
    "circuit_open": Kind.CIRCUIT_OPEN,
}
_BY_STATUS = {
    408: Kind.TIMEOUT,
    429: Kind.RATE_LIMITED,
    503: Kind.OVERLOADED,
    504: Kind.TIMEOUT,
    529: Kind.OVERLOADED,
}
ILL: frozenset[Kind] = frozenset({Kind.UNREACHABLE, Kind.OVERLOADED, Kind.TIMEOUT, Kind.SERVER_ERROR})
"""What speaks against the model's health, for its circuit."""


def kind_of(error: GatewayError) -> Kind:
    """The kind of a failure."""
    kind = _BY_CODE.get(error.code or "") if error.status >= 429 else None
    return kind or _BY_STATUS.get(error.status, Kind.SERVER_ERROR if error.status >= 500 else Kind.REFUSED)
