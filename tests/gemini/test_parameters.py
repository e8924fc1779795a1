"""Each chat parameter is in the table."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_core.errors import RequestRefused
from unigate_formats.gemini_generate_content.parameters import CHAT
from unigate_formats.neutral.parameters import check_parameters
from unigate_gemini import PROVIDER


def check(body: Any, *, drop: Any = False) -> Any:
    return check_parameters(body, CHAT, provider="gemini", drop_unsupported=drop)


@pytest.mark.parametrize("key", ["logit_bias", "verbosity", "modalities", "audio", "moderation"])
def test_what_gemini_cannot_do_is_refused_by_name(key: Any) -> None:
    with pytest.raises(RequestRefused) as refused:
        check({key: ["audio"]})
    assert (refused.value.param, refused.value.code) == (key, "unsupported_parameter")


@pytest.mark.parametrize(
    ("key", "value"), [("logit_bias", {}), ("verbosity", "medium"), ("modalities", ["text"]), ("audio", None)]
)
def test_what_asks_for_nothing_passes(key: Any, value: Any) -> None:
    assert check({key: value}) == []


@pytest.mark.parametrize(
    "key",
    [
        "prediction", "metadata", "store", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
        "prompt_cache_options",
    ],
)  # fmt: skip
def test_what_changes_no_answer_is_dropped_and_told(key: Any) -> None:
    assert check({key: "x"}) == [key]


def test_an_operator_may_widen_the_list_of_dropped_parameters() -> None:
    assert check({"logit_bias": {"1": 2}, "verbosity": "low"}, drop=True) == ["logit_bias", "verbosity"]


def test_an_operator_cannot_drop_what_changes_the_kind_of_answer() -> None:
    with pytest.raises(RequestRefused):
        check({"modalities": ["text", "audio"]}, drop=True)


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(RequestRefused) as refused:
        check({"wings": 2})
    assert refused.value.code == "unknown_parameter"


async def test_the_key_never_stands_in_the_url() -> None:
    authenticator = PROVIDER.backend.authentication(CredentialSource("gemini", "k"))
    signed = await authenticator.sign(VendorRequest("GET", "https://vendor", {}, b""))
    assert signed is not None
    assert signed.request.headers == {"x-goog-api-key": "k"}
