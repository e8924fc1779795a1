"""The OpenAI provider's record."""

from __future__ import annotations

import pytest

from unigate_adapter.authentication.authenticator import CredentialSource, VendorRequest
from unigate_core.json import loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_openai import PROVIDER

OPENAIS = set(Operation) - {Operation.COMPLETIONS, Operation.COUNT_TOKENS}
"""The operations of OpenAI's API that all models pass through; tokens are counted for clients of other APIs."""


def test_every_operation_passes_through() -> None:
    assert set(PROVIDER.operations) == OPENAIS
    assert all(isinstance(route, PassThrough) for route in PROVIDER.operations.values())


def test_paths_are_openais_own() -> None:
    assert {route.path for route in PROVIDER.operations.values() if isinstance(route, PassThrough)} == {
        operation.value for operation in OPENAIS
    }


@pytest.mark.parametrize(
    ("model", "completes"),
    [("gpt-3.5-turbo-instruct", True), ("ft:davinci-002:acme::x", True), ("gpt-4o", False), ("gpt-3.5-turbo", False)],
)
def test_completions_pass_through_to_models_that_have_them(model: str, completes: bool) -> None:
    ((serves, family),) = PROVIDER.families
    assert bool(serves(model)) is completes
    assert Operation.COMPLETIONS in family.operations


async def test_the_key_is_a_bearer_token() -> None:
    authenticator = PROVIDER.backend.authentication(CredentialSource("openai", "k"))
    signed = await authenticator.sign(VendorRequest("GET", "https://vendor", {}, b""))
    assert signed is not None
    assert signed.request.headers == {"authorization": "Bearer k"}


def test_models_keep_openais_object() -> None:
    item = {"id": "gpt", "object": "model", "created": 5, "owned_by": "openai", "new": True}
    models, following = PROVIDER.backend.models.parse({"object": "list", "data": [item]})
    assert (models[0].id, models[0].created, models[0].owned_by) == ("gpt", 5, "openai")
    assert loads(models[0].object) == item
    assert following is None


def test_rate_limits_are_passed_on() -> None:
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-reset-tokens": "6m0s", "server": "s"}
    assert PROVIDER.backend.rate_limits(headers) == {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-reset-tokens": "6m0s",
    }
