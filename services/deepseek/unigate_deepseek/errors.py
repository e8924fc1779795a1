"""DeepSeek's error answers → ours. https://api-docs.deepseek.com/quick_start/error_codes

The body is JSON whatever its content type says, and `invalid_request_error` as a code says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from unigate_core.errors import INVALID_REQUEST, SERVER_ERROR, GatewayError, UpstreamError
from unigate_core.json import Json
from unigate_deepseek.text_only import MESSAGE, is_text_only
from unigate_formats.openai_chat.errors import fault_of, rejected_key, retry_after


class _Row(NamedTuple):
    status: int
    type: str
    code: str | None


ERRORS = {
    402: _Row(429, "insufficient_quota", "insufficient_quota"),
    404: _Row(404, INVALID_REQUEST, "model_not_found"),
    413: _Row(413, INVALID_REQUEST, "request_too_large"),
    422: _Row(400, INVALID_REQUEST, "invalid_value"),
    429: _Row(429, "requests", "rate_limit_exceeded"),
    500: _Row(500, SERVER_ERROR, None),
    503: _Row(503, SERVER_ERROR, "overloaded"),
    504: _Row(504, SERVER_ERROR, "upstream_timeout"),
}
"""By DeepSeek's status. What is not here keeps its status."""

_PARAMS = {"context_length_exceeded": "messages", "model_not_found": "model"}


def deepseek_error(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
    """The error of an answer whose status is not 2xx."""
    fault = fault_of(body)
    message = fault.get("message")
    if status in (401, 403):
        return rejected_key("deepseek", message, client_supplied=client_key, status=status)
    if not isinstance(message, str):
        message = f"The provider returned status {status} without an error message."
    if is_text_only(status, message):
        return UpstreamError(MESSAGE, status=400, type=INVALID_REQUEST, code="unsupported_value", param="messages")
    known = _by_text(status, message)
    row = known or ERRORS.get(status) or _Row(status, INVALID_REQUEST if status < 500 else SERVER_ERROR, _code(fault))
    param = fault.get("param")
    param = _PARAMS.get(row.code or "", param)
    return UpstreamError(
        message,
        status=row.status,
        type=row.type,
        code=row.code,
        param=param if isinstance(param, str) else None,
        retry_after=retry_after(headers),
        retryable=status == 429 or status >= 500,
    )


def _by_text(status: int, message: str) -> _Row | None:
    """The causes that DeepSeek distinguishes by their words alone."""
    if status == 400 and "maximum context length" in message:
        return _Row(400, INVALID_REQUEST, "context_length_exceeded")
    if status == 400 and message.startswith("Model Not Exist"):
        return _Row(404, INVALID_REQUEST, "model_not_found")
    if lacks_reasoning(status, message):
        return _Row(500, SERVER_ERROR, "gateway_bug")
    return None


def lacks_reasoning(status: int, message: str) -> bool:
    """Whether DeepSeek misses the `reasoning_content` of an earlier message."""
    return status == 400 and "reasoning_content" in message and "passed back" in message


def _code(fault: Json) -> str | None:
    code = fault.get("code")
    return code if isinstance(code, str) and code not in (INVALID_REQUEST, fault.get("type")) else None
