"""Google's errors become OpenAI's."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.json import dumps
from unigate_formats.gemini_generate_content.errors import from_google


def error(
    status: Any,
    message: Any = "No.",
    *,
    word: Any = "INVALID_ARGUMENT",
    details: Any = (),
    client: Any = False,
    as_list: Any = False,
) -> Any:
    body = {"error": {"code": status, "message": message, "status": word, "details": list(details)}}
    return from_google(status, {}, dumps([body] if as_list else body), client_key=client)


BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}


def quota(metric: Any, quota_id: Any = "PerModelPerMinute", delay: Any = "48s") -> Any:
    return [
        {"violations": [{"quotaMetric": metric, "quotaId": quota_id}]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]


def test_a_wrong_key_of_the_operators_is_not_the_clients_fault() -> None:
    refused = error(400, "API key not valid.", details=[BAD_KEY])
    assert (refused.status, refused.type, refused.code) == (502, "server_error", "upstream_auth_error")


def test_a_wrong_key_of_the_clients_is_told_as_such() -> None:
    refused = error(400, "API key not valid.", details=[BAD_KEY], client=True)
    assert (refused.status, refused.code) == (401, "invalid_api_key")


@pytest.mark.parametrize(
    ("status", "word", "code"),
    [(403, "PERMISSION_DENIED", "permission_denied"), (400, "FAILED_PRECONDITION", "upstream_auth_error")],
)
def test_missing_permissions_follow_the_rule_of_keys(status: Any, word: Any, code: str) -> None:
    assert error(status, word=word).code == code


def test_a_missing_permission_of_the_clients_key_is_forbidden() -> None:
    refused = error(403, word="PERMISSION_DENIED", client=True)
    assert (refused.status, refused.code) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        ("The input token count (9) exceeds the maximum number of tokens.", "context_length_exceeded", "messages"),
        ("Logprobs is not enabled for models/x", "unsupported_value", "logprobs"),
        ("Multiple candidates is not enabled for this model", "unsupported_value", "n"),
        ("Penalty is not enabled for models/x", "unsupported_value", "frequency_penalty"),
        ("Presence penalty is not enabled", "unsupported_value", "presence_penalty"),
        ("Thinking level MEDIUM is not supported for this model.", "unsupported_value", "reasoning_effort"),
        ("Cannot fetch content from the provided URL.", "failed_to_download_image", "messages"),
        ("Something else.", None, None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_is_told_by_its_words(message: Any, code: Any, param: Any) -> None:
    refused = error(400, message)
    assert (refused.status, refused.type) == (400, "invalid_request_error")
    assert (refused.code, refused.param, refused.message) == (code, param, message)


def test_a_missing_signature_is_our_own_fault() -> None:
    refused = error(400, "Function call `f` is missing a `thought_signature` in functionCall parts.")
    assert (refused.status, refused.type, refused.code) == (500, "server_error", "gateway_bug")


def test_an_unknown_model_is_named() -> None:
    refused = error(404, word="NOT_FOUND")
    assert (refused.status, refused.code, refused.param) == (404, "model_not_found", "model")


@pytest.mark.parametrize(("delay", "seconds"), [("48s", 48), ("34.4s", 35), ("soon", None)])
def test_how_long_to_wait_stands_in_the_body(delay: Any, seconds: Any) -> None:
    limited = error(429, details=quota("x/input_token_count", delay=delay), word="RESOURCE_EXHAUSTED")
    assert (limited.status, limited.code, limited.retry_after) == (429, "rate_limit_exceeded", seconds)


@pytest.mark.parametrize(("metric", "kind"), [("x/input_token_count", "tokens"), ("x/requests", "requests")])
def test_what_ran_out_is_told_by_the_metric(metric: Any, kind: Any) -> None:
    assert error(429, details=quota(metric)).type == kind


def test_a_daily_limit_is_a_quota() -> None:
    limited = error(429, details=quota("x/requests", "GenerateRequestsPerDay"))
    assert (limited.code, limited.retryable) == ("insufficient_quota", False)


def test_a_limit_without_details_is_still_a_limit() -> None:
    assert (error(429).code, error(429).retry_after) == ("rate_limit_exceeded", None)


@pytest.mark.parametrize(
    ("status", "ours", "code", "retryable"),
    [
        (500, 500, None, True),
        (503, 503, "overloaded", True),
        (504, 504, "upstream_timeout", False),
        (413, 413, "request_too_large", False),
        (418, 418, None, False),
        (599, 502, None, False),
    ],
)
def test_other_statuses_keep_their_meaning(status: Any, ours: Any, code: Any, retryable: Any) -> None:
    failed = error(status, word="INTERNAL")
    assert (failed.status, failed.code, failed.retryable) == (ours, code, retryable)


def test_an_error_in_a_list_is_read() -> None:
    assert error(404, "Gone.", as_list=True).message == "Gone."


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"error":"x"}', b"3"])
def test_an_error_that_is_no_json_has_words_of_ours(body: Any) -> None:
    assert from_google(500, {}, body, client_key=False).message == "Gemini answered with status 500."
