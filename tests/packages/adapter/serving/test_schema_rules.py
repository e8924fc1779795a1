"""Who judges a request that does not fit OpenAI's schema, by how its model is served."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.openai_compatible import openai_compatible
from unigate_adapter.provider import Provider
from unigate_adapter.schema_rules import widest_rule
from unigate_core.json import dumps
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_openai import PROVIDER as OPENAI

VALUE = pb.SchemaFault(message="Invalid value: 'x'.", param="messages[0].content[0].type", code="invalid_value")
TYPE = pb.SchemaFault(message="Invalid type for 'seed'.", param="seed", code="invalid_type")
ANSWER = {"id": "c", "object": "chat.completion", "model": "toy-1", "choices": []}


@pytest.mark.parametrize(
    ("route", "fault", "asked"),
    [
        (PassThrough("chat/completions"), VALUE, True),
        (PassThrough("chat/completions"), TYPE, False),
        (PassThrough("chat/completions", extended=True), TYPE, True),
        (None, VALUE, False),
    ],
)
async def test_the_vendor_is_asked_or_the_request_refused(
    with_stub: Any, toy: Provider, route: PassThrough | None, fault: pb.SchemaFault, asked: bool
) -> None:
    provider = toy if route is None else replace(toy, operations={Operation.CHAT: route})
    bodies: list[bytes] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(200, json=ANSWER)

    body = dumps({"model": "toy/toy-1", "messages": [{"role": "user", "content": [{"type": "x"}]}]})
    async with with_stub(vendor, provider=provider) as stub:
        call = pb.Call(operation=pb.OPERATION_CHAT, model="toy-1", schema_fault=fault)
        answer = await stub.Invoke(pb.InvokeRequest(call=call, body=body))
        told = await stub.GetCapabilities(pb.GetCapabilitiesRequest())
    assert len(bodies) == asked
    if not asked:
        error = answer.error
        assert (error.status, error.message, error.param, error.code) == (400, fault.message, fault.param, fault.code)
    rules = {has.operation: has.schema_rule for has in told.operations}
    assert (rules[pb.OPERATION_CHAT] >= pb.SCHEMA_RULE_NEW_VALUES) == (route is not None)


def test_openai_judges_new_values_and_other_vendors_all() -> None:
    other = openai_compatible(name="other", base_url="https://other.example")
    assert widest_rule(OPENAI, Operation.CHAT) == pb.SCHEMA_RULE_NEW_VALUES
    assert widest_rule(other, Operation.CHAT) == pb.SCHEMA_RULE_VENDOR


def test_the_least_strict_of_a_providers_models_is_told(toy: Provider) -> None:
    family = replace(toy, operations={Operation.CHAT: PassThrough("chat/completions", extended=True)})
    both = replace(toy, families=((lambda model: True, family),))
    assert widest_rule(both, Operation.CHAT) == pb.SCHEMA_RULE_VENDOR
