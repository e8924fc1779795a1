"""What the formats' own tables of errors have in common."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from unigate_core.errors import INVALID_REQUEST, GatewayError, UpstreamError, credential_rejected


class ErrorRow(msgspec.Struct, frozen=True):
    """What becomes of a vendor's error of some kind."""

    status: int
    type: str = INVALID_REQUEST
    code: str | None = None
    param: str | None = None
    retryable: bool = False


def key_refused(
    vendor: str,
    message: str,
    *,
    client_supplied: bool,
    status: int,
    request_id: str = "",
    headers: Mapping[str, str] | None = None,
) -> GatewayError:
    """The vendor refused the key, in its own words behind ours."""
    refused = credential_rejected(vendor, client_supplied=client_supplied, status=status)
    return UpstreamError(
        f"{refused.message} {vendor} says: {message}",
        status=refused.status,
        type=refused.type,
        code=refused.code,
        upstream_request_id=request_id,
        headers=headers,
    )
