"""What the gateway made of one vendor's answer does not reach another vendor that would refuse it."""

from __future__ import annotations

import pytest

from unigate_core.encrypted_content import ContentCipher, EncryptedPayload
from unigate_core.json import Json, dumps, loads
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import PassThrough
from unigate_formats.openai_passthrough.rewrite_request import outgoing

CIPHER = ContentCipher([b"a secret of the tests"])
USER = {"role": "user", "content": "q"}
DETAIL = {"type": "reasoning.text", "text": "hm", "signature": "s", "format": "anthropic-v1"}


def sent(operation: Operation, body: Json) -> tuple[Json, tuple[str, ...]]:
    route = PassThrough(path=operation.value)
    request = outgoing(route, operation, dumps(body), model="m", decrypt=lambda token: CIPHER.decrypt(token, "t"))
    return loads(request.body), request.dropped


def test_thoughts_of_another_vendor_are_taken_out_of_messages() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer = {
        "role": "assistant",
        "content": "a",
        "reasoning_content": "hm",
        "reasoning_details": [DETAIL],
        "images": [{}],
        "citations": [{}],
        "tool_calls": [call | {"extra_content": {"google": {"thought_signature": "s"}}}],
    }
    body, dropped = sent(Operation.CHAT, {"model": "p/m", "messages": [USER, answer]})
    assert body["messages"] == [USER, {"role": "assistant", "content": "a", "tool_calls": [call]}]
    assert set(dropped) == {
        *(f"messages[1].{name}" for name in ("reasoning_content", "reasoning_details", "images", "citations")),
        "messages[1].tool_calls[0].extra_content",
    }


@pytest.mark.parametrize("more", [{}, {"reasoning_details": [{"format": "openai-responses-v1"}]}])
def test_thoughts_of_the_vendors_own_stay(more: Json) -> None:
    answer = {"role": "assistant", "content": "a", "reasoning_content": "hm"} | more
    body, dropped = sent(Operation.CHAT, {"model": "p/m", "messages": [USER, answer]})
    assert (body["messages"], dropped) == ([USER, answer], ())


def test_items_that_the_gateway_made_are_taken_out_of_input() -> None:
    items = [
        USER,
        {"type": "reasoning", "id": "rs_uga1o0", "summary": [], "encrypted_content": "ug2.AAAA"},
        {"type": "reasoning", "id": "rs_uga1o1", "summary": []},
        {"type": "message", "id": "msg_uga1o2", "role": "assistant", "content": "a"},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"},
    ]
    body, dropped = sent(Operation.RESPONSES, {"model": "p/m", "input": items})
    assert body["input"] == [USER, {"type": "message", "role": "assistant", "content": "a"}, items[4]]
    assert dropped == ("input[1]", "input[2]", "input[3].id")


@pytest.mark.parametrize("operation", [Operation.RESPONSES, Operation.RESPONSES_RESOURCE])
def test_a_compaction_of_the_gateway_s_is_told_in_words(operation: Operation) -> None:
    token = CIPHER.encrypt(EncryptedPayload("other", "m", native="It was 42."), "t")
    foreign = CIPHER.encrypt(EncryptedPayload("other", "m", native="It was 42."), "another tenant")
    items = [{"type": "compaction", "id": "cmp_uga1o0", "encrypted_content": text} for text in (token, foreign)]
    body, dropped = sent(operation, {"model": "p/m", "input": [*items, USER]})
    [told, user] = body["input"]
    assert (told["role"], user, dropped) == ("user", USER, ("input[1]",))
    assert told["content"].endswith("It was 42.")


def test_an_image_of_the_gateway_s_is_shown_by_the_user() -> None:
    item = {"type": "image_generation_call", "id": "ig_uga1o0", "status": "completed", "result": "AAAA"}
    body, dropped = sent(Operation.RESPONSES, {"model": "p/m", "input": [item]})
    image = {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}
    assert (body["input"], dropped) == ([{"role": "user", "content": [image]}], ("input[0].id",))
