"""The one error tree. Everything that goes wrong on the way to a vendor and back ends as one of these.

GatewayError                 an OpenAI error object in waiting: status, type, code, param, message
├── RequestRefused           the request cannot be translated (4xx, no byte was sent to the vendor)
├── UpstreamError            the vendor answered an error
└── TransportError           the vendor could not be reached, or its answer broke off
    ├── UpstreamUnreachable  no connection
    ├── UpstreamTimeout      no first byte, or silence between two events
    ├── UpstreamTruncated    the answer broke off before its end mark
    └── UpstreamProtocol     the answer makes no sense
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INVALID_REQUEST = "invalid_request_error"
SERVER_ERROR = "server_error"


class GatewayError(Exception):
    """An error in OpenAI's form: HTTP status and the four members of its error object.

    `retry_after` is in seconds, None when unknown. `body` is the vendor's own error body in the client's format, of
    the type `content_type`, to be sent on unchanged. `headers` are the vendor's headers that a client may see.
    """

    retryable = False

    def __init__(  # noqa: PLR0913 - what OpenAI's form has, and what the gateway knows beside it
        self,
        message: str,
        *,
        status: int,
        type: str,
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        retryable: bool | None = None,
        upstream_request_id: str = "",
        body: bytes = b"",
        content_type: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.retry_after = retry_after
        self.upstream_request_id = upstream_request_id
        self.body = body
        self.content_type = content_type
        self.headers: Mapping[str, str] = headers or {}
        if retryable is not None:
            self.retryable = retryable

    def to_openai(self) -> dict[str, Any]:
        """OpenAI's error body."""
        return error_body(self.message, self.type, self.param, self.code)


INVALID_STATUSES = frozenset({400, 422})
"""By which vendors refuse a request for what stands in it."""
UNKNOWN_VALUE = "invalid_value"
"""The code of a value that is none of those that are known."""


class RequestRefused(GatewayError):
    """The request cannot be served as it stands; nothing was sent to the vendor."""

    def __init__(
        self, message: str, *, param: str | None, code: str | None, status: int = 400, type: str = INVALID_REQUEST
    ) -> None:
        super().__init__(message, status=status, type=type, code=code, param=param)


class UpstreamError(GatewayError):
    """The vendor answered an error."""


class TransportError(GatewayError):
    """The vendor could not be reached, or its answer broke off."""

    default_status = 502
    default_code = "upstream_protocol"
    retryable = True

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(
            message, status=status or self.default_status, type=SERVER_ERROR, code=code or self.default_code
        )


class UpstreamUnreachable(TransportError):
    """No connection could be made, or it broke before an answer."""

    default_code = "upstream_unreachable"


class UpstreamTimeout(TransportError):
    """The vendor stayed silent for longer than allowed."""

    default_status = 504
    default_code = "upstream_timeout"


class UpstreamTruncated(TransportError):
    """The answer broke off before its end mark."""

    default_code = "upstream_truncated"


class UpstreamProtocol(TransportError):
    """The answer does not follow the vendor's own format."""


def error_body(message: str, type: str, param: str | None, code: str | None) -> dict[str, Any]:
    """OpenAI's error body from its four members."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def unknown_parameter(param: str) -> RequestRefused:
    """Nobody here knows the parameter."""
    return RequestRefused(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")


def unsupported_parameter(param: str, reason: str) -> RequestRefused:
    """The parameter can never be honoured here."""
    return RequestRefused(f"Unsupported parameter: '{param}'. {reason}", param=param, code="unsupported_parameter")


def unsupported_value(param: str, reason: str) -> RequestRefused:
    """The parameter is known, this value cannot be honoured here."""
    return RequestRefused(f"Unsupported value for '{param}': {reason}", param=param, code="unsupported_value")


def invalid_value(param: str, reason: str) -> RequestRefused:
    """The value is malformed for every provider."""
    return RequestRefused(f"Invalid value for '{param}': {reason}", param=param, code="invalid_value")


def invalid_json() -> RequestRefused:
    """The body is no JSON object."""
    return RequestRefused("The request body is not a JSON object.", param=None, code="invalid_json")


def nested_too_deeply() -> RequestRefused:
    """Arrays and objects of the request's JSON stand too deep in one another to be read."""
    return RequestRefused(
        "The JSON of the request, or a schema in it, is nested too deeply.", param=None, code="nested_too_deeply"
    )


def credential_rejected(provider: str, *, client_supplied: bool, status: int = 401) -> GatewayError:
    """The vendor refused the key. A wrong one is only the client's fault where it is the client's own; what a good one
    may not do stays a matter of permission."""
    if not client_supplied and status == 403:
        return UpstreamError(
            f"The gateway's key has no permission for this at {provider}.",
            status=403,
            type=INVALID_REQUEST,
            code="permission_denied",
        )
    if not client_supplied:
        return UpstreamError(
            f"The gateway's credentials for {provider} were refused.",
            status=502,
            type=SERVER_ERROR,
            code="upstream_auth_error",
        )
    if status == 403:
        return UpstreamError(
            f"The API key has no permission for this at {provider}.",
            status=403,
            type=INVALID_REQUEST,
            code="permission_denied",
        )
    return UpstreamError(
        f"Incorrect API key provided for {provider}.", status=401, type=INVALID_REQUEST, code="invalid_api_key"
    )


def drop_tracebacks(error: BaseException) -> None:
    """Let go of the frames that a handled error has passed, and those of the errors behind it.

    A frame that has the error in a variable is in its traceback, too: a circle that only a full garbage collection
    opens, and until then it holds the request's body.
    """
    family, seen = [error], set()
    while family:
        each = family.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        family += [other for other in (each.__cause__, each.__context__) if other is not None]
        if isinstance(each, BaseExceptionGroup):
            family += each.exceptions
