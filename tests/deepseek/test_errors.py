"""DeepSeek's errors → ours."""

from __future__ import annotations

import pytest

from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_deepseek import PROVIDER


def error(
    status: int, message: str = "no", *, client_key: bool = False, headers: dict[str, str] | None = None
) -> GatewayError:
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}
    return PROVIDER.backend.errors(status, headers or {}, dumps({"error": body}), client_key=client_key)


def test_json_is_read_whatever_its_content_type_says() -> None:
    body = dumps({"error": {"message": "why", "type": "x", "param": None, "code": None}})
    assert (
        PROVIDER.backend.errors(400, {"content-type": "application/octet-stream"}, body, client_key=False).message
        == "why"
    )


def test_too_long_a_context_has_its_code() -> None:
    found = error(400, "This model's maximum context length is 1048565 tokens.")
    assert (found.status, found.code, found.param) == (400, "context_length_exceeded", "messages")


def test_a_code_that_says_nothing_is_null() -> None:
    assert error(400).code is None


def test_the_operators_refused_key_is_not_the_clients_fault() -> None:
    found = error(401, "Authentication Fails, Your api key: ****-key is invalid")
    assert (found.status, found.code) == (502, "upstream_auth_error")
    assert found.message.endswith("Your api key: ****-key is invalid")


def test_the_clients_refused_key_is() -> None:
    found = error(401, client_key=True)
    assert (found.status, found.code) == (401, "invalid_api_key")


def test_a_key_is_never_told() -> None:
    assert "sk-abc" not in error(401, "Your api key: sk-abcdef1234 is invalid").message


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (402, (429, "insufficient_quota", "insufficient_quota")),
        (422, (400, "invalid_request_error", "invalid_value")),
        (429, (429, "requests", "rate_limit_exceeded")),
        (500, (500, "server_error", None)),
        (503, (503, "server_error", "overloaded")),
        (404, (404, "invalid_request_error", "model_not_found")),
    ],
)
def test_statuses_follow_one_table(status: int, expected: tuple[int, str, str | None]) -> None:
    found = error(status)
    assert (found.status, found.type, found.code) == expected


@pytest.mark.parametrize(("status", "retryable"), [(400, False), (402, False), (429, True), (500, True), (503, True)])
def test_only_passing_troubles_are_retryable(status: int, retryable: bool) -> None:
    assert error(status).retryable is retryable


def test_the_time_to_wait_is_passed_on() -> None:
    assert error(429, headers={"retry-after": "7"}).retry_after == 7.0


def test_missing_reasoning_is_the_gateways_own_fault() -> None:
    found = error(400, "The `reasoning_content` in the thinking mode must be passed back to the API.")
    assert (found.status, found.code) == (500, "gateway_bug")


def test_a_page_of_a_load_balancer_can_be_retried_as_it_asks() -> None:
    found = PROVIDER.backend.errors(502, {"retry-after": "3"}, b"<html>bad gateway</html>", client_key=False)
    assert (found.status, found.retryable, found.retry_after) == (502, True, 3.0)
    assert "html" not in found.message


def test_an_unknown_model_is_a_404_that_names_the_parameter() -> None:
    body = b'{"error":{"message":"Model Not Exist","type":"invalid_request_error","code":"invalid_request_error"}}'
    error = PROVIDER.backend.errors(400, {}, body, client_key=False)
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
