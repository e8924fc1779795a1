"""OpenAI's error object, https://platform.openai.com/docs/guides/error-codes"""

from collections.abc import Iterable, Mapping
from typing import Final

from unigate_simulator.faults import RETRY_AFTER_SECONDS
from unigate_simulator.vendor import bearer
from unigate_simulator.wire import Call, RefusedError, Reply, Stream, Whole, dumps, sse, token

_KINDS: Final[Mapping[int, tuple[str, str | None, str]]] = {
    400: (
        "invalid_request_error",
        "invalid_value",
        "The request was refused because the simulator was asked to refuse it.",
    ),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: (
        "invalid_request_error",
        "unsupported_country_region_territory",
        "Country, region, or territory not supported",
    ),
    404: (
        "invalid_request_error",
        "model_not_found",
        "The model `sim-404` does not exist or you do not have access to it.",
    ),
    413: ("invalid_request_error", "request_too_large", "Maximum content size limit exceeded."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests. Please try again in 2s."),
    500: ("server_error", None, "The server had an error while processing your request. Sorry about that!"),
    503: ("server_error", "overloaded", "The engine is currently overloaded, please try again later"),
}


def quoted_values(values: Iterable[str]) -> str:
    """The values as OpenAI tells them: 'a', 'b', and 'c'."""
    *most, last = (f"'{value}'" for value in values)
    return f"{', '.join(most)}{',' if len(most) > 1 else ''} and {last}" if most else last


def error(status: int, message: str | None, code: str | None = None, param: str | None = None) -> Whole:
    kind, usual_code, usual = _KINDS.get(status, _KINDS[500] if status >= 500 else _KINDS[400])
    if message is not None:
        usual_code = code
    headers = {"x-should-retry": "true", "retry-after": str(RETRY_AFTER_SECONDS)} if status in {429, 503} else {}
    if status == 429:
        headers |= {"retry-after-ms": str(RETRY_AFTER_SECONDS * 1000), "x-ratelimit-remaining-requests": "0"}
    body = {"error": {"message": message or usual, "type": kind, "param": param, "code": usual_code}}
    return Whole(dumps(body), status, headers=headers)


def overflow(call: Call) -> Reply:
    """The context is too long. A stream of a response begins first, and tells it as its end."""
    message = "Your input exceeds the context window of this model. Please adjust your input and try again."
    refused = error(400, message, "context_length_exceeded", "input" if call.path == "responses" else "messages")
    if call.path != "responses" or call.json().get("stream") is not True:
        return refused
    response = {"id": token("resp_", 48), "object": "response", "status": "in_progress", "model": call.json()["model"]}
    failed = {**response, "status": "failed", "error": {"code": "context_length_exceeded", "message": message}}
    events = (("response.created", response), ("response.in_progress", response), ("response.failed", failed))
    return Stream(
        tuple(
            sse(dumps({"type": kind, "response": response_now, "sequence_number": number}), kind)
            for number, (kind, response_now) in enumerate(events)
        )
    )


def refuse(message: str, *, param: str | None = None, code: str | None = None, status: int = 400) -> RefusedError:
    return RefusedError(error(status, message, code, param))


def unauthorised(call: Call) -> Whole | None:
    key = bearer(call)
    if key is None:
        message = (
            "You didn't provide an API key. You need to provide your API key in an Authorization header "
            "using Bearer auth "
            "(i.e. Authorization: Bearer YOUR_KEY)."
        )
        return error(401, message)
    if key == "invalid":
        return error(401, "Incorrect API key provided: invalid.", "invalid_api_key")
    return None


def error_event(call: Call) -> bytes:
    message = "The server had an error while processing your request. Sorry about that!"
    if call.path == "responses":
        failed = {"type": "error", "code": "server_error", "message": message, "param": None, "sequence_number": 99}
        return sse(dumps(failed), "error")
    return sse(dumps({"error": {"message": message, "type": "server_error", "param": None, "code": None}}))


def unknown_event(call: Call) -> bytes:
    """Of a kind that is in no documentation."""
    if call.path in {"chat/completions", "completions"}:
        return sse(
            b'{"id": "sim", "object": "chat.completion.sim_telemetry", "created": 0, "model": "sim", "choices": []}'
        )
    kind = "response.sim_telemetry" if call.path == "responses" else "sim_telemetry"
    return sse(b'{"type": "%b"}' % kind.encode(), kind)


def not_found(model: str) -> RefusedError:
    message = f"The model `{model}` does not exist or you do not have access to it."
    return refuse(message, code="model_not_found", status=404)
