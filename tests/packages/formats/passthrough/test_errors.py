"""Errors of vendors that speak OpenAI's format."""

from __future__ import annotations

import pytest

from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_formats.openai_chat.errors import openai_error

BODY = b'{\n  "error": {"message": "bad image", "type": "image_generation_user_error", "param": null, "code": "x"}\n}'


def error(
    status: int, body: bytes = BODY, *, client_key: bool = False, headers: dict[str, str] | None = None
) -> GatewayError:
    return openai_error("openai", status, headers or {}, body, client_key=client_key)


def test_status_and_body_stay_as_they_are() -> None:
    found = error(400)
    assert (found.status, found.body) == (400, BODY)


def test_the_fields_are_read_for_metering() -> None:
    found = error(400)
    assert (found.message, found.type, found.code) == ("bad image", "image_generation_user_error", "x")


def test_a_body_that_lacks_a_member_is_written_anew() -> None:
    found = error(400, dumps({"error": {"message": "no", "code": 400}}))
    assert found.to_openai() == {
        "error": {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    }
    assert found.body == b""


@pytest.mark.parametrize(
    "body",
    [
        {"error": "no"},
        {"message": "no"},
        {"detail": "no"},
        {"error": {"message": "no"}},
        [{"error": {"code": 404, "message": "no"}}],
        {"success": False, "errors": [{"code": 7, "message": "no"}]},
        {"code": 7, "msg": "no"},
        {"detail": {"message": "no"}},
        "no",
    ],
)
def test_other_spellings_keep_their_message(body: object) -> None:
    assert error(404, dumps(body)).message == "no"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"Failed to parse the request body", "Failed to parse the request body"),
        (b"", "The provider returned status 404 without an error message."),
        (b"<html>no</html>", "The provider returned status 404 without an error message."),
        (b"x" * 5000, "The provider returned status 404 without an error message."),
        (b"[]", "The provider returned status 404 without an error message."),
    ],
)
def test_short_text_is_the_message(body: bytes, message: str) -> None:
    assert error(404, body).message == message


def test_the_operators_refused_key_is_not_the_clients_fault() -> None:
    found = error(401, dumps({"error": {"message": "Incorrect API key provided: sk-abcd1234."}}))
    assert (found.status, found.code, found.body) == (502, "upstream_auth_error", b"")
    assert "sk-abcd1234" not in found.message


def test_the_clients_refused_key_is() -> None:
    assert error(401, client_key=True).status == 401


@pytest.mark.parametrize("status", [500, 502, 503, 504, 529])
def test_a_page_of_a_load_balancer_can_be_retried_as_it_asks(status: int) -> None:
    found = error(status, b"<html>busy</html>", headers={"retry-after": "3"})
    assert (found.status, found.retryable, found.retry_after) == (status, True, 3.0)
    assert "html" not in found.message


def test_the_vendors_hints_are_passed_on() -> None:
    headers = {"retry-after": "3", "x-should-retry": "true", "x-ratelimit-remaining-tokens": "0", "set-cookie": "c"}
    found = error(429, headers=headers)
    assert found.retry_after == 3.0
    assert "set-cookie" not in found.headers
    assert found.headers["x-ratelimit-remaining-tokens"] == "0"


def test_milliseconds_are_more_exact_than_seconds() -> None:
    assert error(429, headers={"retry-after-ms": "250", "retry-after": "1"}).retry_after == 0.25


@pytest.mark.parametrize(("status", "retryable"), [(400, False), (404, False), (429, True), (500, True)])
def test_only_passing_troubles_are_retryable(status: int, retryable: bool) -> None:
    assert error(status).retryable is retryable
