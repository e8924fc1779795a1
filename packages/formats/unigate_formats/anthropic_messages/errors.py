"""Anthropic's errors → ours. https://docs.anthropic.com/en/api/errors

The type decides; only `invalid_request_error`, which covers everything a request can do wrong, is refined by its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from unigate_core.counts import wait_seconds
from unigate_core.errors import (
    SERVER_ERROR,
    GatewayError,
    UpstreamError,
    UpstreamProtocol,
)
from unigate_core.json import Json, loads_object
from unigate_formats.neutral.vendor_errors import ErrorRow, key_refused

_BY_TYPE: dict[str, ErrorRow] = {
    "invalid_request_error": ErrorRow(400),
    "billing_error": ErrorRow(429, "insufficient_quota", "insufficient_quota"),
    "not_found_error": ErrorRow(404, code="model_not_found", param="model"),
    "conflict_error": ErrorRow(409),
    "request_too_large": ErrorRow(413, code="request_too_large"),
    "rate_limit_error": ErrorRow(429, "requests", "rate_limit_exceeded", retryable=True),
    "api_error": ErrorRow(500, SERVER_ERROR),
    "timeout_error": ErrorRow(504, SERVER_ERROR, "upstream_timeout"),
    "overloaded_error": ErrorRow(503, SERVER_ERROR, "overloaded", retryable=True),
}

_CREDENTIALS = {"authentication_error": 401, "permission_error": 403}

_TYPE_OF_STATUS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}

_REFINED: tuple[tuple[re.Pattern[str], ErrorRow], ...] = (
    (
        re.compile(r"prompt is too long|exceed context limit"),
        ErrorRow(400, code="context_length_exceeded", param="messages"),
    ),
    (re.compile(r"does not support effort"), ErrorRow(400, code="unsupported_value", param="reasoning_effort")),
    (re.compile(r"`temperature`.*(deprecated|top_p)"), ErrorRow(400, code="unsupported_value", param="temperature")),
    (re.compile(r"prefill"), ErrorRow(400, code="unsupported_value", param="messages")),
    (re.compile(r"credit balance"), ErrorRow(429, "insufficient_quota", "insufficient_quota")),
)

_TOKEN_BUCKETS = ("tokens", "input-tokens", "output-tokens")
_PASSED_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")


def from_error(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
    """The error of an answer with status 400 or above; `headers` have lower-case names."""
    try:
        native = loads_object(body)
    except ValueError:
        native = {}
    match native:
        case {"error": {"type": str(kind), "message": str(message)}}:
            pass
        case _ if status in _TYPE_OF_STATUS or status < 500:
            kind = _TYPE_OF_STATUS.get(status, "invalid_request_error")
            message = f"Anthropic answered {status} without saying why."
        case _:
            return UpstreamProtocol(f"Anthropic answered {status} with a body that is no error of its API.")
    if kind == "api_error" or (kind not in _BY_TYPE and kind not in _CREDENTIALS):
        # A type that says nothing leaves it to the status.
        kind = _TYPE_OF_STATUS.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return _error(kind, message, headers, client_key=client_key)


def stream_error(event: Json) -> GatewayError:
    """The error of an `error` event; it has no status, its type decides."""
    match event:
        case {"error": {"type": str(kind), "message": str(message)}}:
            known = kind in _BY_TYPE or kind in _CREDENTIALS
            return _error(kind if known else "api_error", message, {}, client_key=False)
    return UpstreamProtocol("Anthropic's stream holds an error event without an error.")


def _error(kind: str, message: str, headers: Mapping[str, str], *, client_key: bool) -> GatewayError:
    request_id = headers.get("request-id", "")
    passed = {name: headers[name] for name in _PASSED_HEADERS if name in headers}
    if kind in _CREDENTIALS:
        return key_refused(
            "Anthropic",
            message,
            client_supplied=client_key,
            status=_CREDENTIALS[kind],
            request_id=request_id,
            headers=passed,
        )
    row = _BY_TYPE[kind]
    if kind == "invalid_request_error":
        row = next((refined for text, refined in _REFINED if text.search(message)), row)
    return UpstreamError(
        message,
        status=row.status,
        type="tokens" if kind == "rate_limit_error" and _out_of_tokens(headers) else row.type,
        code=row.code,
        param=row.param,
        retry_after=wait_seconds(headers.get("retry-after")) or (1.0 if kind == "overloaded_error" else None),
        retryable=row.retryable,
        upstream_request_id=request_id,
        headers=passed,
    )


def _out_of_tokens(headers: Mapping[str, str]) -> bool:
    return any(headers.get(f"anthropic-ratelimit-{bucket}-remaining") == "0" for bucket in _TOKEN_BUCKETS)
