"""Anthropic's error object, https://docs.anthropic.com/en/api/errors"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.faults import RETRY_AFTER_SECONDS
from unigate_simulator.vendor import bearer
from unigate_simulator.wire import Call, RefusedError, Whole, dumps, sse, token

_KINDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("invalid_request_error", "The request was refused because the simulator was asked to refuse it."),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low to access the Anthropic API."),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "model: sim-404"),
    409: ("conflict_error", "The request conflicts with another one."),
    413: ("request_too_large", "Request exceeds the maximum allowed number of bytes."),
    429: (
        "rate_limit_error",
        "This request would exceed the rate limit for your organization. Please try again later.",
    ),
    500: ("api_error", "Internal server error"),
    503: ("api_error", "Service unavailable"),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}


def error(status: int, message: str | None) -> Whole:
    kind, usual = _KINDS.get(status, _KINDS[500] if status >= 500 else _KINDS[400])
    body = {"type": "error", "error": {"type": kind, "message": message or usual}, "request_id": token("req_011", 20)}
    headers = {"x-should-retry": "true" if status in {409, 429} or status >= 500 else "false"}
    if status in {429, 503, 529}:
        headers["retry-after"] = str(RETRY_AFTER_SECONDS)
    if status == 429:
        headers |= {"anthropic-ratelimit-requests-remaining": "0"}
    return Whole(dumps(body), status, headers=headers)


def overflow(_call: Call) -> Whole:
    """The context is too long."""
    return error(400, "prompt is too long: 210000 tokens > 200000 maximum")


def refuse(message: str, status: int = 400) -> RefusedError:
    return RefusedError(error(status, message))


def unauthorised(call: Call) -> Whole | None:
    key = call.headers.get("x-api-key") or bearer(call)
    if not key:
        return error(401, "x-api-key header is required")
    if key == "invalid":
        return error(401, None)
    if "anthropic-version" not in call.headers:
        return error(400, "anthropic-version: header is required")
    return None


def error_event(_call: Call) -> bytes:
    body = {"type": "error", "error": {"details": None, "type": "overloaded_error", "message": "Overloaded"}}
    return sse(dumps({**body, "request_id": token("req_011", 20)}), "error")


def unknown_event(_call: Call) -> bytes:
    """Of a kind that is in no documentation."""
    return sse(b'{"type": "sim_telemetry", "state": "thinking about it"}', "sim_telemetry")
