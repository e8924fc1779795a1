"""Errors in the form of Google's APIs. https://ai.google.dev/gemini-api/docs/troubleshooting"""

from __future__ import annotations

import math

from unigate_core.errors import GatewayError
from unigate_core.json import Json

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}
"""By HTTP status. https://cloud.google.com/apis/design/errors"""


def error_object(error: GatewayError) -> Json:
    """The error's body."""
    fallback = "INVALID_ARGUMENT" if error.status < 500 else "INTERNAL"
    error_body: Json = {
        "code": error.status,
        "message": error.message,
        "status": STATUSES.get(error.status, fallback),
    }
    if error.retry_after is not None:
        delay = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{math.ceil(error.retry_after)}s"}
        error_body["details"] = [delay]
    return {"error": error_body}
