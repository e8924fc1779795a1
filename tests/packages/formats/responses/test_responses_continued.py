"""A conversation handed from one provider to another that has the Responses API itself."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.openai_compatible import openai_compatible
from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.json import dumps, loads
from unigate_formats.openai_responses.inline_previous_items import inline_previous_items

EARLIER = [
    {"id": "msg_ugai0", "type": "message", "status": "completed", "role": "user", "content": "One."},
    {"id": "rs_ugao0", "type": "reasoning", "summary": [], "encrypted_content": "ug2.x"},
    {"id": "fc_ugao1", "type": "function_call", "status": "completed", "call_id": "c", "name": "f", "arguments": "{}"},
]


@pytest.mark.parametrize("given", ["Two.", [{"role": "user", "content": "Two."}]])
def test_earlier_items_come_first_without_what_only_the_gateway_knows(given: Any) -> None:
    body = dumps({"model": "m", "input": given, "previous_response_id": "resp_uga", "temperature": 1.0})
    inlined, notes = inline_previous_items(body, dumps(EARLIER), lambda _: None)
    assert notes == ["thinking_dropped"]
    assert loads(inlined) == {
        "model": "m",
        "input": [
            {"type": "message", "role": "user", "content": "One."},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"role": "user", "content": "Two."},
        ],
        "temperature": 1.0,
    }


@pytest.mark.parametrize(("tenant", "notes"), [("t", []), ("another", ["compaction_dropped"])])
def test_an_earlier_compaction_is_told_in_words_or_reported(tenant: str, notes: list[str]) -> None:
    cipher = ContentCipher([b"a secret of the tests"])
    token = cipher.encrypt(EncryptedPayload("other", "m", native="It was 42."), "t")
    earlier = [{"type": "compaction_trigger"}, {"type": "compaction", "id": "cmp_ugao0", "encrypted_content": token}]
    inlined, told = inline_previous_items(
        dumps({"model": "m", "input": []}), dumps(earlier), lambda token: cipher.decrypt(token, tenant)
    )
    assert told == notes
    assert [item["content"].endswith("It was 42.") for item in loads(inlined)["input"]] == ([] if notes else [True])


def test_calls_of_tools_that_another_vendor_ran_are_reported() -> None:
    _, notes = inline_previous_items(b'{"input":"Hi"}', dumps([{"type": "web_search_call"}]), lambda _: None)
    assert notes == ["builtin_calls_dropped"]


async def test_a_provider_of_its_own_responses_is_told_the_conversation(with_stub: Any) -> None:
    seen: list[Any] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        seen.append(loads(request.content))
        return httpx.Response(200, json={"id": "resp_1", "object": "response", "model": "m", "output": []})

    call = pb.Call(operation=pb.OPERATION_RESPONSES, model="m")
    call.response_state.input_items = dumps(EARLIER)
    body = dumps({"model": "own/m", "input": "Two.", "previous_response_id": "resp_uga"})
    async with with_stub(vendor, provider=openai_compatible(name="own", base_url="https://own.example")) as stub:
        await stub.Invoke(pb.InvokeRequest(call=call, body=body))
    assert [item.get("type") for item in seen[0]["input"]] == ["message", "function_call", None]
    assert "previous_response_id" not in seen[0]


def test_an_earlier_image_is_shown_by_the_user() -> None:
    item = {"type": "image_generation_call", "id": "ig_ugao0", "result": "AAAA", "output_format": "webp"}
    inlined, notes = inline_previous_items(b'{"input":[]}', dumps([item]), lambda _: None)
    [message] = loads(inlined)["input"]
    assert message["content"][0]["image_url"] == "data:image/webp;base64,AAAA"
    assert (message["role"], notes) == ("user", ["model_media_by_user"])
