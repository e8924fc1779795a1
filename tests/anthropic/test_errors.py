"""Errors of the vendor."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import dumps
from unigate_formats.anthropic_messages.errors import from_error, stream_error


def error(
    status: int, kind: str, message: str = "No.", headers: dict[str, str] | None = None, *, client_key: bool = False
) -> GatewayError:
    body = dumps({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"})
    return from_error(status, headers or {}, body, client_key=client_key)


@pytest.mark.parametrize(
    ("native", "ours"),
    [
        ((400, "invalid_request_error"), (400, "invalid_request_error", None, None)),
        ((402, "billing_error"), (429, "insufficient_quota", "insufficient_quota", None)),
        ((404, "not_found_error"), (404, "invalid_request_error", "model_not_found", "model")),
        ((409, "conflict_error"), (409, "invalid_request_error", None, None)),
        ((413, "request_too_large"), (413, "invalid_request_error", "request_too_large", None)),
        ((429, "rate_limit_error"), (429, "requests", "rate_limit_exceeded", None)),
        ((500, "api_error"), (500, "server_error", None, None)),
        ((503, "api_error"), (503, "server_error", "overloaded", None)),
        ((504, "timeout_error"), (504, "server_error", "upstream_timeout", None)),
        ((529, "overloaded_error"), (503, "server_error", "overloaded", None)),
        ((418, "teapot_error"), (400, "invalid_request_error", None, None)),
        ((599, "teapot_error"), (500, "server_error", None, None)),
    ],
)
def test_each_type_has_its_row(native: tuple[int, str], ours: Any) -> None:
    got = error(*native)
    assert (got.status, got.type, got.code, got.param) == ours
    assert got.message == "No."


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        ("prompt is too long: 205000 tokens > 200000 maximum", "context_length_exceeded", "messages"),
        ("input length and `max_tokens` exceed context limit: 1 + 2 > 2", "context_length_exceeded", "messages"),
        ("This model does not support effort level 'xhigh'.", "unsupported_value", "reasoning_effort"),
        ("`temperature` is deprecated for this model.", "unsupported_value", "temperature"),
        ("`temperature` and `top_p` cannot both be specified", "unsupported_value", "temperature"),
        ("This model does not support assistant message prefill.", "unsupported_value", "messages"),
    ],
)
def test_a_refused_request_is_told_apart_by_its_text(message: str, code: str, param: str) -> None:
    got = error(400, "invalid_request_error", message)
    assert (got.status, got.code, got.param) == (400, code, param)


def test_an_empty_account_is_a_quota() -> None:
    got = error(400, "invalid_request_error", "Your credit balance is too low")
    assert (got.status, got.code) == (429, "insufficient_quota")


def test_what_the_gateways_own_key_may_not_do_is_forbidden() -> None:
    got = error(403, "permission_error", "no access")
    assert (got.status, got.code) == (403, "permission_denied")
    assert "The gateway's key" in got.message


def test_the_gateways_own_key_is_not_the_clients_fault() -> None:
    got = error(401, "authentication_error", "invalid x-api-key")
    assert (got.status, got.type, got.code) == (502, "server_error", "upstream_auth_error")
    assert "invalid x-api-key" in got.message


def test_a_key_of_the_clients_own_is() -> None:
    got = error(401, "authentication_error", client_key=True)
    assert (got.status, got.type, got.code) == (401, "invalid_request_error", "invalid_api_key")
    assert error(403, "permission_error", client_key=True).status == 403


def test_an_empty_token_bucket_is_told_by_the_type() -> None:
    headers = {"anthropic-ratelimit-output-tokens-remaining": "0", "retry-after": "17"}
    got = error(429, "rate_limit_error", headers=headers)
    assert (got.type, got.retry_after) == ("tokens", 17)


def test_an_overload_is_tried_again_after_a_second_unless_told_otherwise() -> None:
    assert error(529, "overloaded_error").retry_after == 1
    assert error(529, "overloaded_error", headers={"retry-after": "7"}).retry_after == 7


def test_the_vendors_advice_on_retries_is_passed_on() -> None:
    got = error(400, "invalid_request_error", headers={"x-should-retry": "false", "request-id": "req_1"})
    assert got.headers == {"x-should-retry": "false"}
    assert got.upstream_request_id == "req_1"


def test_a_body_that_is_no_json_is_told_by_the_status() -> None:
    got = from_error(529, {}, b"<html>", client_key=False)
    assert (got.status, got.code) == (503, "overloaded")


def test_a_strange_server_error_is_a_protocol_error() -> None:
    assert isinstance(from_error(502, {}, b"<html>", client_key=False), UpstreamProtocol)


def test_an_error_in_a_stream_is_classed_by_its_type() -> None:
    got = stream_error({"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}})
    assert (got.status, got.code) == (429, "rate_limit_exceeded")


def test_an_unknown_error_in_a_stream_is_the_vendors() -> None:
    got = stream_error({"type": "error", "error": {"type": "teapot_error", "message": "?"}})
    assert (got.status, got.type) == (500, "server_error")


def test_an_error_event_without_an_error_is_a_protocol_error() -> None:
    assert isinstance(stream_error({"type": "error"}), UpstreamProtocol)
