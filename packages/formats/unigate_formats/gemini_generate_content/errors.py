"""Google's error answers → GatewayError. https://ai.google.dev/gemini-api/docs/troubleshooting

A wrong key is status 400 here, and how long to wait stands in the body, seldom in a header.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from unigate_core.counts import error_status, wait_seconds
from unigate_core.errors import (
    INVALID_REQUEST,
    SERVER_ERROR,
    GatewayError,
    UpstreamError,
)
from unigate_core.json import Json, loads
from unigate_formats.neutral.vendor_errors import key_refused

SIGNATURE_CODES = frozenset({"gateway_bug", "missing_thought_signature"})
"""How a missing thought signature is reported: as a refused request, and as the end of an answer."""

BAD_REQUESTS: tuple[tuple[str, str, str | None], ...] = (
    ("exceeds the maximum number of tokens", "context_length_exceeded", "messages"),
    ("logprobs is not enabled", "unsupported_value", "logprobs"),
    ("multiple candidates is not enabled", "unsupported_value", "n"),
    ("presence penalty", "unsupported_value", "presence_penalty"),
    ("frequency penalty", "unsupported_value", "frequency_penalty"),
    ("penalty is not enabled", "unsupported_value", "frequency_penalty"),
    ("thinking level", "unsupported_value", "reasoning_effort"),
    ("thinking_level", "unsupported_value", "reasoning_effort"),
    ("thinking budget", "unsupported_value", "reasoning_effort"),
    ("thinking is not supported", "unsupported_value", "reasoning_effort"),
    ("thought_signature", "gateway_bug", None),
    ("cannot fetch content from the provided url", "failed_to_download_image", "messages"),
)
"""What INVALID_ARGUMENT can mean. Google gives no finer code, so only these words distinguish them."""

STATUSES: dict[int, tuple[int, str, str | None]] = {
    404: (404, INVALID_REQUEST, "model_not_found"),
    409: (409, INVALID_REQUEST, None),
    413: (413, INVALID_REQUEST, "request_too_large"),
    500: (500, SERVER_ERROR, None),
    502: (502, SERVER_ERROR, "upstream_protocol"),
    503: (503, SERVER_ERROR, "overloaded"),
    504: (504, SERVER_ERROR, "upstream_timeout"),
    529: (503, SERVER_ERROR, "overloaded"),
}
RETRYABLE = frozenset({500, 503, 529})


def from_google(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
    """The error that an answer with this status means. `client_supplied`: the key was the client's own."""
    upstream_error = error_of(_error_object(body), status=status, client_supplied=client_key)
    if upstream_error.retry_after is None and "retry-after" in headers:
        upstream_error.retry_after = wait_seconds(headers["retry-after"])
    return upstream_error


def refuses_key(status: int, body: bytes) -> bool:
    """Whether an error answer is about the key, which another key may not share."""
    error = _error_object(body)
    return _is_credential(status, error, _details(error))


def error_of(error: Json, *, status: int, client_supplied: bool = False) -> GatewayError:
    """The same for an error object that is already decoded, as it may come inside a stream."""
    status = error_status(status)
    message = error.get("message")
    if not isinstance(message, str) or not message:
        message = f"Gemini answered with status {status}."
    details = _details(error)
    if _is_credential(status, error, details):
        return key_refused("Gemini", message, client_supplied=client_supplied, status=403 if status == 403 else 401)
    if status == 429:
        return _rate_limited(message, details)
    if status == 400:
        return _bad_request(message)
    unknown = (502, SERVER_ERROR, None) if status >= 500 else (status, INVALID_REQUEST, None)
    known, kind, code = STATUSES.get(status, unknown)
    param = "model" if status == 404 else None
    return UpstreamError(message, status=known, type=kind, code=code, param=param, retryable=status in RETRYABLE)


def _error_object(body: bytes) -> Json:
    try:
        value: Any = loads(body)
    except ValueError:
        return {}
    if isinstance(value, list) and value:
        value = value[0]
    error = value.get("error") if isinstance(value, dict) else None
    return error if isinstance(error, dict) else {}


def _details(error: Json) -> list[Json]:
    details = error.get("details")
    return [detail for detail in details if isinstance(detail, dict)] if isinstance(details, list) else []


def _listed(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _is_credential(status: int, error: Json, details: list[Json]) -> bool:
    if status in (401, 403) or error.get("status") == "FAILED_PRECONDITION":
        return True
    return any(detail.get("reason") == "API_KEY_INVALID" for detail in details)


def _bad_request(message: str) -> GatewayError:
    lower = message.lower()
    for words, code, param in BAD_REQUESTS:
        if words in lower:
            if code == "gateway_bug":
                # Ours to supply: the client did nothing wrong. The call is repaired once before this is told.
                return UpstreamError(message, status=500, type=SERVER_ERROR, code=code)
            return UpstreamError(message, status=400, type=INVALID_REQUEST, code=code, param=param)
    return UpstreamError(message, status=400, type=INVALID_REQUEST)


def _rate_limited(message: str, details: list[Json]) -> GatewayError:
    violations = [violation for detail in details for violation in _listed(detail.get("violations"))]
    daily = any("PerDay" in str(violation.get("quotaId")) for violation in violations)
    tokens = any("token" in str(violation.get("quotaMetric")) for violation in violations)
    return UpstreamError(
        message,
        status=429,
        type="tokens" if tokens else "requests",
        code="insufficient_quota" if daily else "rate_limit_exceeded",
        retry_after=next(_delays(details), None),
        retryable=not daily,
    )


def _delays(details: list[Json]) -> Iterator[float]:
    for detail in details:
        text = detail.get("retryDelay")
        if isinstance(text, str) and text.endswith("s"):
            seconds = wait_seconds(text[:-1])
            if seconds is not None:
                yield float(math.ceil(seconds))
