"""Google's error object, https://ai.google.dev/gemini-api/docs/troubleshooting

Retry information stands in the body as `google.rpc.RetryInfo`; there is no header for it.
"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.faults import RETRY_AFTER_SECONDS
from unigate_simulator.wire import Call, Object, RefusedError, Whole, dumps, sse

CONTENT_TYPE: Final = "application/json; charset=UTF-8"

_RPC: Final = "type.googleapis.com/google.rpc."
_BAD_KEY: Final = "API key not valid. Please pass a valid API key."
_KINDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("INVALID_ARGUMENT", "The request was refused because the simulator was asked to refuse it."),
    403: ("PERMISSION_DENIED", "The caller does not have permission"),
    404: ("NOT_FOUND", "models/sim-404 is not found for API version v1beta, or is not supported for generateContent."),
    429: ("RESOURCE_EXHAUSTED", f"You exceeded your current quota. \nPlease retry in {RETRY_AFTER_SECONDS}.4s."),
    499: ("CANCELLED", "The operation was cancelled."),
    500: (
        "INTERNAL",
        "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
    ),
    503: ("UNAVAILABLE", "The model is overloaded. Please try again later."),
    504: ("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
}


def error(status: int, message: str | None, details: list[Object] | None = None) -> Whole:
    if status == 401 and message is None:
        return _bad_key()
    kind, usual = _KINDS.get(status, _KINDS[503] if status >= 500 else _KINDS[400])
    answer: Object = {"code": status, "message": message or usual, "status": kind}
    if status == 429:
        details = _quota()
    if details:
        answer["details"] = details
    return Whole(dumps({"error": answer}), status, CONTENT_TYPE)


def overflow(_call: Call) -> Whole:
    """The context is too long."""
    return error(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")


def refuse(message: str, status: int = 400, details: list[Object] | None = None) -> RefusedError:
    return RefusedError(error(status, message, details))


def unauthorised(call: Call) -> Whole | None:
    key = call.headers.get("x-goog-api-key") or call.query.get("key")
    if not key:
        message = (
            "Method doesn't allow unregistered callers (callers without established identity). "
            "Please use API Key or other form "
            "of API consumer identity to call this API."
        )
        return error(403, message)
    return _bad_key() if key == "invalid" else None


def error_event(call: Call) -> bytes:
    body = {"error": {"code": 503, "message": _KINDS[503][1], "status": "UNAVAILABLE"}}
    return sse(dumps(body), end=b"\r\n") if call.query.get("alt") == "sse" else b",\r\n" + dumps(body)


def unknown_event(_call: Call) -> bytes:
    """Of a kind that is in no documentation."""
    chunk = b'{"candidates": [{"content": {"parts": [{"simTelemetry": {}}], "role": "model"}, "index": 0}]}'
    return sse(chunk, end=b"\r\n")


def _bad_key() -> Whole:
    info = {
        "@type": f"{_RPC}ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
    localised = {"@type": f"{_RPC}LocalizedMessage", "locale": "en-US", "message": _BAD_KEY}
    return error(400, _BAD_KEY, [info, localised])


def _quota() -> list[Object]:
    violation = {
        "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_requests",
        "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
        "quotaDimensions": {"model": "sim", "location": "global"},
        "quotaValue": "1000",
    }
    return [
        {
            "@type": f"{_RPC}Help",
            "links": [
                {
                    "description": "Learn more about Gemini API quotas",
                    "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                }
            ],
        },
        {"@type": f"{_RPC}QuotaFailure", "violations": [violation]},
        {"@type": f"{_RPC}RetryInfo", "retryDelay": f"{RETRY_AFTER_SECONDS}s"},
    ]
