"""Errors in the form of Anthropic's API. https://docs.anthropic.com/en/api/errors"""

from __future__ import annotations

import re

from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""By HTTP status; others below 500 are the request's fault, from 500 on the API's."""

_NUMBERS = re.compile(r"\d{3,}")


def error_object(error: GatewayError, request_id: str | None = None) -> Json:
    """The error's body."""
    body: Json = {"type": "error", "error": {"type": error_type(error), "message": _message(error)}}
    return body | {"request_id": request_id} if request_id else body


def error_event(error: GatewayError) -> bytes:
    """An error inside a stream, which ends with it."""
    return b"event: error\ndata: %b\n\n" % dumps(error_object(error))


def error_type(error: GatewayError) -> str:
    """Anthropic's word for the error."""
    if error.status == 503 or error.code == "overloaded":
        return "overloaded_error"
    known = TYPES.get(error.status)
    return known or ("invalid_request_error" if error.status < 500 else "api_error")


def _message(error: GatewayError) -> str:
    """The message; a context overflow in the words that clients look for when they decide to compact."""
    if error.code != "context_length_exceeded" or "prompt is too long" in error.message:
        return error.message
    numbers = sorted((int(number) for number in _NUMBERS.findall(error.message)), reverse=True)
    if len(numbers) >= 2:
        return f"prompt is too long: {numbers[0]} tokens > {numbers[1]} maximum. {error.message}"
    return f"prompt is too long: {error.message}"
