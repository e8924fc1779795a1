"""A request in Gemini's own API, on its way to Gemini."""

from __future__ import annotations

import base64

import pytest

from unigate_core.errors import RequestRefused
from unigate_core.json import Json, dumps, loads_object
from unigate_formats.gemini_generate_content.replay import SKIP_SIGNATURE
from unigate_formats.gemini_generate_content.rewrite import rewrite

FOREIGN = base64.b64encode(b"ug2.AAAA").decode()
USER = {"role": "user", "parts": [{"text": "q"}]}


def sent(body: Json, model: str = "gemini-2.5-flash", public: str = "gemini/x") -> Json:
    return loads_object(rewrite(dumps(body), model, public))


@pytest.mark.parametrize("model", ["gemini-2.5-flash", "tuned\u00e9", "a\\1b"])
@pytest.mark.parametrize("given", ["gemini/x", "models/gemini/x"])
def test_the_model_is_named_as_the_vendor_names_it(given: str, model: str) -> None:
    renamed = f"models/{model}"
    assert sent({"model": given, "contents": [USER]}, model)["model"] == renamed
    counted = sent({"generateContentRequest": {"model": given, "contents": [USER]}}, model)
    assert counted["generateContentRequest"] == {"model": renamed, "contents": [USER]}
    batch = sent({"requests": [{"model": given, "content": USER}, {"content": USER}]}, model)
    assert batch["requests"] == [{"model": renamed, "content": USER}, {"content": USER}]


def test_another_model_is_left_to_the_vendor() -> None:
    body = b'{ "model" : "models/other", "contents": [] }'
    assert rewrite(body, "gemini-2.5-flash", "gemini/x") == body


def test_what_the_client_says_is_not_taken_for_a_model() -> None:
    args = {"model": "gemini/x", "thoughtSignature": FOREIGN}
    call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": args}}]}
    text = {"role": "user", "parts": [{"text": '"model": "gemini/x", "thoughtSignature": "' + FOREIGN + '"'}]}
    body = {"contents": [USER, call, text]}
    assert sent(body) == body


def test_thoughts_of_another_vendor_are_left_out() -> None:
    parts = [
        {"text": "hm", "thought": True},
        {"text": "a", "thoughtSignature": FOREIGN},
        {"functionCall": {"name": "f", "args": {}}, "thought_signature": FOREIGN},
        {"text": "", "thoughtSignature": FOREIGN},
        {"text": "own", "thoughtSignature": "c2ln"},
    ]
    body: Json = {"contents": [USER, {"role": "model", "parts": parts}]}
    call = {"functionCall": {"name": "f", "args": {}}}
    assert sent(body)["contents"][1]["parts"] == [{"text": "a"}, call, parts[4]]
    signed = sent(body, "gemini-3-pro-preview")["contents"][1]["parts"]
    assert signed[1] == call | {"thoughtSignature": SKIP_SIGNATURE}


@pytest.mark.parametrize("name", ["functionCall", "function_call"])
def test_calls_without_a_signature_get_one_where_the_model_wants_it(name: str) -> None:
    call = {name: {"name": "f", "args": {}}}
    own = call | {"thoughtSignature": "c2ln"}
    results = {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}}}] * 2}
    contents: list[Json] = [
        USER, {"role": "model", "parts": [{"text": "I call."}, call, call]}, results,
        {"role": "model", "parts": [own, call]}, results, {"role": "model", "parts": call}, results,
    ]  # fmt: skip
    body: Json = {"contents": contents}
    assert rewrite(dumps(body), "gemini-2.5-flash", "gemini-2.5-flash") == dumps(body)
    signed = [content["parts"] for content in sent(body, "gemini-3-pro-preview")["contents"]]
    assert signed[1] == [{"text": "I call."}, call | {"thoughtSignature": SKIP_SIGNATURE}, call]
    assert signed[3] == [own, call]
    assert signed[5] == [call | {"thoughtSignature": SKIP_SIGNATURE}]


def test_signed_calls_keep_every_byte() -> None:
    body = (
        b'{ "contents": [ {"role": "model", "parts": [{"functionCall": {"name": "f"}, "thoughtSignature": "c2ln"}]}]}'
    )
    assert rewrite(body, "gemini-3-pro-preview", "gemini-3-pro-preview") == body


def test_a_content_of_nothing_but_thoughts_is_left_out() -> None:
    thought = {"role": "model", "parts": [{"thoughtSignature": FOREIGN}]}
    assert sent({"contents": [USER, thought, USER]}) == {"contents": [USER, USER]}


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(RequestRefused):
        rewrite(b'["model"]', "m", "gemini/x")


def test_all_other_bytes_of_a_batch_stay() -> None:
    body = b'{"requests": [ {"content": {"parts": []}, "model": "models/gemini/x"},\n 7, {"model":"other"}], "a": 1}'
    expected = body.replace(b"models/gemini/x", b"models/x")
    assert rewrite(body, "x", "gemini/x") == expected
