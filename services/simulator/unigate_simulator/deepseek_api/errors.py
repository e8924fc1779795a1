"""DeepSeek's error object, https://api-docs.deepseek.com/quick_start/error_codes

Refused requests come as JSON under the content type `application/octet-stream`, as the vendor sends them.
"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.faults import RETRY_AFTER_SECONDS
from unigate_simulator.vendor import bearer
from unigate_simulator.wire import Call, RefusedError, Whole, dumps, sse

_KINDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("invalid_request_error", "The request was refused because the simulator was asked to refuse it."),
    401: ("authentication_error", "Authentication Fails, Your api key: ****alid is invalid"),
    402: ("unknown_error", "Insufficient Balance"),
    404: ("invalid_request_error", "Not Found"),
    422: ("invalid_request_error", "Failed to deserialize the JSON body into the target type"),
    429: ("rate_limit_error", "Rate limit reached. Please pace your requests."),
    500: ("internal_error", "Internal Server Error"),
    503: (
        "service_unavailable_error",
        "Service is too busy. We advise users to temporarily switch to another provider.",
    ),
}


def error(status: int, message: str | None) -> Whole:
    kind, usual = _KINDS.get(status, _KINDS[500] if status >= 500 else _KINDS[400])
    body = {"error": {"message": message or usual, "type": kind, "param": None, "code": "invalid_request_error"}}
    content_type = "application/octet-stream" if status in {400, 422} else "application/json"
    headers = {"retry-after": str(RETRY_AFTER_SECONDS)} if status in {429, 503} else {}
    return Whole(dumps(body), status, content_type, headers)


def overflow(_call: Call) -> Whole:
    """The context is too long."""
    return error(
        400,
        "This model's maximum context length is 131072 tokens. However, you requested 200000 tokens "
        "(196000 in the messages, 4000 in the completion). Please reduce the length of the messages "
        "or completion.",
    )


def refuse(message: str, status: int = 400) -> RefusedError:
    return RefusedError(error(status, message))


def unauthorised(call: Call) -> Whole | None:
    key = bearer(call)
    if key is None:
        return error(401, "Authentication Fails (auth header format should be Bearer sk-...)")
    return error(401, None) if key == "invalid" else None


def error_event(_call: Call) -> bytes:
    body = {"message": "Internal Server Error", "type": "internal_error", "param": None, "code": "internal_error"}
    return sse(dumps({"error": body}))


def unknown_event(call: Call) -> bytes:
    """Of a kind that is in no documentation."""
    if call.path == "responses":
        return sse(b'{"type": "response.sim_telemetry"}', "response.sim_telemetry")
    return sse(b'{"id": "sim", "object": "chat.completion.sim_telemetry", "created": 0, "model": "sim", "choices": []}')
