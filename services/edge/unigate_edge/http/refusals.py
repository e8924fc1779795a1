"""Answers to requests that are refused before there is a request: an error object, and the connection closes."""

from __future__ import annotations

from http import HTTPStatus

from unigate_core.errors import INVALID_REQUEST, SERVER_ERROR, GatewayError
from unigate_core.ids import request_id
from unigate_core.json import dumps
from unigate_edge.client_apis.choose import choose_api

REASON_PHRASES = {431: "Request Header Fields Too Large", 414: "URI Too Long"}


class HeadRefused(Exception):
    """The head of a request cannot be taken; raised inside the parser's callbacks.

    `reason` is the label of `unigate_connections_closed_total`.
    """

    def __init__(self, reason: str, error: GatewayError) -> None:
        super().__init__(error.message)
        self.reason = reason
        self.error = error


def _refused(reason: str, status: int, code: str, message: str) -> HeadRefused:
    kind = SERVER_ERROR if status >= 500 else INVALID_REQUEST
    return HeadRefused(reason, GatewayError(message, status=status, type=kind, code=code))


def url_too_long(limit: int) -> HeadRefused:
    """The request's target is longer than `limit` bytes."""
    return _refused("url", 414, "url_too_long", f"The URL is too long. The limit is {limit} bytes.")


def head_too_large(limit: int) -> HeadRefused:
    """The headers are larger than `limit` bytes in all."""
    return _refused("head", 431, "headers_too_large", f"The headers are too large. The limit is {limit} bytes.")


def too_many_headers(limit: int) -> HeadRefused:
    """There are more than `limit` header fields."""
    return _refused("head", 431, "headers_too_large", f"There are too many headers. The limit is {limit}.")


def malformed(message: str) -> HeadRefused:
    """The request does not follow RFC 9112."""
    return _refused("malformed", 400, "invalid_http_request", message)


def head_too_slow() -> HeadRefused:
    """The headers did not end in time."""
    return _refused("head_timeout", 408, "request_timeout", "The request's headers took too long to arrive.")


def body_too_slow() -> HeadRefused:
    """The body did not end in time."""
    return _refused("body_timeout", 408, "request_timeout", "The request's body took too long to arrive.")


def too_many_connections() -> HeadRefused:
    """The process has as many connections as it may have."""
    refused = _refused("max", 503, "overloaded", "The gateway has too many connections. Please try again shortly.")
    refused.error.headers = {"retry-after": "1"}
    return refused


def no_websocket() -> HeadRefused:
    """There is no WebSocket endpoint. Clients that know this status go on over HTTP."""
    refused = _refused(
        "upgrade", 426, "upgrade_required", "WebSocket is not supported here. Send the request over HTTP/1.1 instead."
    )
    refused.error.headers = {"upgrade": "HTTP/1.1"}
    return refused


def encode_response(error: GatewayError, url: bytes) -> bytes:
    """The whole answer, as HTTP/1.1, in the form of the API that the URL belongs to, as far as it is known."""
    own_id = request_id()
    body = dumps(choose_api(url.decode("latin-1"), {}).error(error, own_id))
    phrase = REASON_PHRASES.get(error.status) or HTTPStatus(error.status).phrase
    fields = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "connection": "upgrade, close" if "upgrade" in error.headers else "close",
        "x-request-id": own_id,
        "x-should-retry": "true" if error.status >= 500 else "false",
        **error.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {error.status} {phrase}\r\n{lines}\r\n".encode() + body
