"""Bedrock's errors → ours. https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html

The exception's name decides; `ValidationException`, which covers everything a request can do wrong, is refined by its
text. Exceptions inside a stream have no status of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from unigate_core.counts import wait_seconds
from unigate_core.errors import (
    INVALID_REQUEST,
    SERVER_ERROR,
    GatewayError,
    UpstreamError,
    UpstreamProtocol,
)
from unigate_core.json import Json, loads_object
from unigate_formats.neutral.vendor_errors import ErrorRow, key_refused

EXCEPTION = ":exception-type"
"""The member of a frame's object that names its exception."""


_BY_NAME: dict[str, ErrorRow] = {
    "validation": ErrorRow(400),
    "throttling": ErrorRow(429, "requests", "rate_limit_exceeded", retryable=True),
    "toomanyrequests": ErrorRow(429, "requests", "rate_limit_exceeded", retryable=True),
    "servicequotaexceeded": ErrorRow(429, "insufficient_quota", "insufficient_quota"),
    "resourcenotfound": ErrorRow(404, code="model_not_found", param="model"),
    "modeltimeout": ErrorRow(408, SERVER_ERROR, "upstream_timeout", retryable=True),
    "modelnotready": ErrorRow(503, SERVER_ERROR, "overloaded", retryable=True),
    "modelerror": ErrorRow(502, SERVER_ERROR, retryable=True),
    "modelstreamerror": ErrorRow(502, SERVER_ERROR, retryable=True),
    "serviceunavailable": ErrorRow(503, SERVER_ERROR, "overloaded", retryable=True),
    "internalserver": ErrorRow(500, SERVER_ERROR, retryable=True),
    "internalfailure": ErrorRow(500, SERVER_ERROR, retryable=True),
}

_CREDENTIALS = {
    "accessdenied": 403,
    "unrecognizedclient": 401,
    "invalidsignature": 401,
    "signaturedoesnotmatch": 401,
    "incompletesignature": 401,
    "missingauthenticationtoken": 401,
    "expiredtoken": 401,
    "notauthorized": 401,
}

_NAME_OF_STATUS = {
    400: "validation",
    401: "unrecognizedclient",
    403: "accessdenied",
    404: "resourcenotfound",
    408: "modeltimeout",
    424: "modelerror",
    429: "throttling",
    503: "serviceunavailable",
    529: "serviceunavailable",
}

_REFINED: tuple[tuple[re.Pattern[str], ErrorRow], ...] = (
    (
        re.compile(r"(?i)input is too long|too many (input )?tokens|maximum context length|prompt is too long"),
        ErrorRow(400, code="context_length_exceeded", param="messages"),
    ),
    (
        re.compile(r"(?i)model identifier is invalid|on-demand throughput isn.t supported"),
        ErrorRow(400, code="model_not_found", param="model"),
    ),
)


def from_error(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
    """The error of an answer with status 400 or above; `headers` have lower-case names."""
    try:
        native = loads_object(body)
    except ValueError:
        native = {}
    message = native.get("message") or native.get("Message")
    name = headers.get("x-amzn-errortype") or native.get("__type") or ""
    if not isinstance(message, str):
        if status >= 500 and status not in _NAME_OF_STATUS:
            return UpstreamProtocol(f"Bedrock answered {status} with a body that is no error of its API.")
        message = f"Bedrock answered {status} without saying why."
    return _error(_short(str(name)) or _NAME_OF_STATUS.get(status, ""), message, status, headers, client_key=client_key)


def stream_error(event: Json) -> GatewayError:
    """The error of an exception inside a stream; it has no status, its name decides."""
    name = str(event.get(EXCEPTION) or "")
    message = event.get("message") or event.get("originalMessage")
    text = message if isinstance(message, str) else f"Bedrock ended the stream: {name or 'without saying why'}."
    return _error(_short(name), text, 500, {}, client_key=False)


def _short(name: str) -> str:
    """`com.amazon#ThrottlingException:http://…` → `throttling`."""
    return name.partition(":")[0].rpartition("#")[2].lower().removesuffix("exception")


def _error(name: str, message: str, status: int, headers: Mapping[str, str], *, client_key: bool) -> GatewayError:
    request_id = headers.get("x-amzn-requestid", "")
    if name in _CREDENTIALS:
        return key_refused(
            "Bedrock", message, client_supplied=client_key, status=_CREDENTIALS[name], request_id=request_id
        )
    failed = status >= 500
    row = _BY_NAME.get(name) or ErrorRow(status, SERVER_ERROR if failed else INVALID_REQUEST, retryable=failed)
    if name == "validation":
        row = next((refined for text, refined in _REFINED if text.search(message)), row)
    return UpstreamError(
        message,
        status=row.status,
        type=row.type,
        code=row.code,
        param=row.param,
        retry_after=wait_seconds(headers.get("retry-after")) or (1.0 if row.status in (429, 503) else None),
        retryable=row.retryable,
        upstream_request_id=request_id,
    )
