"""Turns → DeepSeek's messages, earlier reasoning among them."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from unigate_core.errors import RequestRefused, UpstreamError
from unigate_core.json import Json
from unigate_deepseek.profile import PROFILE
from unigate_deepseek.repair import repair
from unigate_formats.neutral.translation import NativeCall
from unigate_formats.openai_chat.decode_request import decode_request
from unigate_formats.openai_chat.encode_messages import inline_kinds

Translate = Callable[..., NativeCall]
ToolTurn = Callable[..., list[Json]]


def sent(translate: Translate, *messages: Json, **more: object) -> list[Json]:
    body: list[Json] = translate(messages=list(messages), **more).body["messages"]
    return body


def data_url(media_type: str, text: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"


def test_the_developer_speaks_as_system_where_he_stands(translate: Translate) -> None:
    messages = sent(
        translate,
        {"role": "system", "content": "a"},
        {"role": "user", "content": "b"},
        {"role": "developer", "content": "c"},
    )
    assert [(message["role"], message["content"]) for message in messages] == [
        ("system", "a"),
        ("user", "b"),
        ("system", "c"),
    ]


def test_names_are_kept(translate: Translate) -> None:
    assert sent(translate, {"role": "user", "content": "hi", "name": "ann"})[0]["name"] == "ann"


def test_a_users_parts_stay_parts(translate: Translate) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert sent(translate, {"role": "user", "content": parts})[0]["content"] == parts


def test_parts_of_other_roles_are_joined(translate: Translate) -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert sent(translate, {"role": "system", "content": parts})[0]["content"] == "a\nb"
    assert sent(translate, {"role": "assistant", "content": parts})[0]["content"] == "ab"


def test_an_empty_user_text_is_sent(translate: Translate) -> None:
    assert sent(translate, {"role": "user", "content": ""})[0]["content"] == ""


def test_images_pass_for_models_that_see(translate: Translate) -> None:
    image = {"type": "image_url", "image_url": {"url": data_url("image/png", "x"), "detail": "low"}}
    assert sent(translate, {"role": "user", "content": [image]})[0]["content"] == [image]


def test_images_and_files_behind_urls_are_fetched_first() -> None:
    content = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
    chat = decode_request({"model": "m", "messages": [{"role": "user", "content": content}]})
    assert inline_kinds(PROFILE, chat) == {"image"}


def test_a_text_file_becomes_text_under_its_name(translate: Translate) -> None:
    file = {"type": "file", "file": {"filename": "a.txt", "file_data": data_url("text/plain", "line")}}
    assert sent(translate, {"role": "user", "content": [file]})[0]["content"] == [
        {"type": "text", "text": "a.txt\nline"}
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": data_url("application/pdf", "%PDF")}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ],
)
def test_what_deepseek_cannot_take_is_refused_by_its_path(translate: Translate, part: Json) -> None:
    with pytest.raises(RequestRefused) as refused:
        sent(translate, {"role": "user", "content": [{"type": "text", "text": "see"}, part]})
    assert refused.value.param is not None
    assert refused.value.param.startswith("messages[0].content[1]")


def test_a_refusal_is_repeated_as_text(translate: Translate) -> None:
    message = {"role": "assistant", "content": None, "refusal": "no"}
    assert sent(translate, {"role": "user", "content": "hi"}, message)[1]["content"] == "no"


def test_calls_and_results_pass_as_they_are(translate: Translate, tool_turn: ToolTurn, weather: Json) -> None:
    history = tool_turn()
    messages = sent(translate, *history, tools=[weather])
    assert messages[1]["content"] == ""
    assert messages[1]["tool_calls"] == history[1]["tool_calls"]
    assert messages[2] == history[2]


def test_a_custom_call_is_the_argument_of_its_function(translate: Translate) -> None:
    call = {"id": "c", "type": "custom", "custom": {"name": "shell", "input": 'echo "x"'}}
    messages = sent(
        translate,
        {"role": "user", "content": "hi"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "x"},
    )
    assert messages[1]["tool_calls"][0]["function"] == {"name": "shell", "arguments": '{"input":"echo \\"x\\""}'}


def test_reasoning_that_the_client_kept_goes_back(translate: Translate, tool_turn: ToolTurn) -> None:
    details = [{"type": "reasoning.text", "format": "deepseek-v1", "text": "hm"}]
    assert sent(translate, *tool_turn(reasoning_details=details))[1]["reasoning_content"] == "hm"


def test_reasoning_kept_as_text_alone_goes_back_too(translate: Translate, tool_turn: ToolTurn) -> None:
    assert sent(translate, *tool_turn(reasoning_content="hm"))[1]["reasoning_content"] == "hm"


def test_reasoning_that_the_gateway_kept_goes_back(translate: Translate, tool_turn: ToolTurn) -> None:
    messages = sent(translate, *tool_turn(), replay={"call_00_a": b"hm"})
    assert messages[1]["reasoning_content"] == "hm"


def test_what_the_client_kept_wins_over_what_the_gateway_kept(translate: Translate, tool_turn: ToolTurn) -> None:
    messages = sent(translate, *tool_turn(reasoning_content="client"), replay={"call_00_a": b"gateway"})
    assert messages[1]["reasoning_content"] == "client"


def test_lost_reasoning_of_a_tool_call_is_sent_empty(translate: Translate, tool_turn: ToolTurn) -> None:
    assert sent(translate, *tool_turn())[1]["reasoning_content"] == ""


def test_thoughts_of_another_provider_are_not_passed_off_as_deepseeks(
    translate: Translate, tool_turn: ToolTurn
) -> None:
    details = [{"type": "reasoning.text", "format": "anthropic-v1", "text": "hm", "signature": "s"}]
    assert sent(translate, *tool_turn(reasoning_details=details, reasoning_content="hm"))[1]["reasoning_content"] == ""


@pytest.mark.parametrize("more", [{"reasoning_effort": "none"}, {"model": "deepseek-chat"}])
def test_a_model_that_does_not_think_gets_no_reasoning(translate: Translate, tool_turn: ToolTurn, more: Json) -> None:
    assert "reasoning_content" not in sent(translate, *tool_turn(reasoning_content="hm"), **more)[1]


def test_an_answer_without_calls_needs_no_reasoning(translate: Translate) -> None:
    messages = sent(translate, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})
    assert "reasoning_content" not in messages[1]


def test_a_call_refused_for_missing_reasoning_is_repaired(translate: Translate, tool_turn: ToolTurn) -> None:
    call = translate(messages=tool_turn(), model="deepseek-chat")
    fixed = repair(call, UpstreamError("", status=500, type="server_error", code="gateway_bug"))
    assert fixed is not None
    assert fixed.body["messages"][1]["reasoning_content"] == ""


def test_other_errors_are_not_repaired(translate: Translate, tool_turn: ToolTurn) -> None:
    call = translate(messages=tool_turn(), model="deepseek-chat")
    assert repair(call, UpstreamError("", status=400, type="invalid_request_error")) is None


def test_what_a_conversation_loses_is_told(translate: Translate) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    marked = {"type": "text", "text": "q", "prompt_cache_breakpoint": {"mode": "explicit"}}
    thought = {"format": "anthropic-v1", "type": "reasoning.text", "text": "t", "signature": "s"}
    native = translate(
        messages=[
            {"role": "user", "content": [marked]},
            {"role": "assistant", "content": "a", "reasoning_details": [thought], "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "r"},
        ]
    )
    assert native.dropped == ("messages[0].content[0].prompt_cache_breakpoint",)
    assert native.notes == ("thinking_dropped",)
    kept = {"role": "assistant", "content": "a", "reasoning_content": "t"}
    assert translate(messages=[kept, {"role": "user", "content": "q"}]).notes == ()
