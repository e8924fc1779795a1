"""Turns of the conversation."""

from __future__ import annotations

from typing import Any

CALL = {"id": "toolu_1", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}
CALL_2 = {"id": "toolu_2", "type": "function", "function": {"name": "add", "arguments": '{"a":2}'}}
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]


def text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


def user(value: Any) -> dict[str, Any]:
    return {"role": "user", "content": value}


def test_leading_system_messages_become_one_block_each(translate: Any) -> None:
    messages = [{"role": "system", "content": "A"}, {"role": "developer", "content": "B"}, user("Hi")]
    body = translate(messages=messages).body
    assert body["system"] == [text("A"), text("B")]
    assert len(body["messages"]) == 1


def test_a_blank_system_message_is_left_out(translate: Any) -> None:
    assert "system" not in translate(messages=[{"role": "system", "content": " "}, user("Hi")]).body


def test_a_later_system_message_is_hoisted_and_noted(translate: Any) -> None:
    messages = [user("A"), {"role": "system", "content": "B"}]
    call = translate(messages=messages)
    assert call.body["system"] == [text("B")]
    assert "system_hoisted" in call.notes


def test_a_developer_message_after_a_tool_result_stays_in_place_on_a_model_that_knows_it(translate: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "3"},
        {"role": "developer", "content": "Be brief."},
    ]
    call = translate("claude-opus-4-8", messages=messages, tools=TOOLS)
    assert call.body["messages"][-1] == {"role": "system", "content": [text("Be brief.")]}
    assert "system_hoisted" not in call.notes
    assert "system_hoisted" in translate(messages=messages, tools=TOOLS).notes


def test_a_system_message_between_two_user_messages_is_hoisted_everywhere(translate: Any) -> None:
    messages = [user("A"), {"role": "system", "content": "B"}, user("C")]
    call = translate("claude-opus-4-8", messages=messages)
    assert [message["role"] for message in call.body["messages"]] == ["user"]
    assert "system_hoisted" in call.notes


def test_two_user_messages_become_one_with_both_blocks(translate: Any) -> None:
    body = translate(messages=[user("A"), user("B")]).body
    assert body["messages"] == [{"role": "user", "content": [text("A"), text("B")]}]


def test_text_parts_stay_apart_and_in_order(translate: Any) -> None:
    body = translate(messages=[user([text("A"), text("B")])]).body
    assert body["messages"][0]["content"] == [text("A"), text("B")]


def test_an_empty_user_message_is_refused(refuse: Any) -> None:
    error = refuse(messages=[user("")])
    assert (error.param, error.code) == ("messages[0]", "unsupported_value")


def test_a_conversation_of_system_messages_only_is_said_by_the_user(translate: Any, refuse: Any) -> None:
    messages = [{"role": "system", "content": "A"}, {"role": "developer", "content": "B"}]
    call = translate(messages=messages, drop_unsupported=True)
    assert call.body["messages"] == [{"role": "user", "content": [text("A"), text("B")]}]
    assert "system" not in call.body
    assert "system_as_user" in call.notes
    assert refuse(messages=messages).param == "messages"


def test_a_blank_system_message_alone_is_refused(refuse: Any) -> None:
    assert refuse(messages=[{"role": "system", "content": " "}], drop_unsupported=True).param == "messages"


def test_a_model_that_goes_on_with_no_message_is_asked_to(translate: Any, refuse: Any) -> None:
    messages = [user("A"), {"role": "assistant", "content": "B"}]
    call = translate("claude-opus-4-8", messages=messages, drop_unsupported=True)
    assert call.body["messages"][-1] == {"role": "user", "content": [text("Continue.")]}
    assert "user_turn_added" in call.notes
    assert refuse("claude-opus-4-8", messages=messages).param == "messages[1]"


def test_blank_assistant_text_is_left_out(translate: Any) -> None:
    messages = [user("A"), {"role": "assistant", "content": ""}, user("B")]
    body = translate(messages=messages).body
    assert body["messages"] == [{"role": "user", "content": [text("A"), text("B")]}]


def test_an_earlier_refusal_is_told_as_text(translate: Any) -> None:
    messages = [user("A"), {"role": "assistant", "content": None, "refusal": "No."}, user("B")]
    assert translate(messages=messages).body["messages"][1]["content"] == [text("No.")]


def test_a_message_name_is_dropped_and_reported(translate: Any) -> None:
    assert translate(messages=[{"role": "user", "content": "A", "name": "eve"}]).dropped == ("messages[0].name",)


def test_calls_with_the_same_id_are_told_apart(translate: Any, refuse: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "tool_calls": [CALL, CALL | {"function": CALL_2["function"]}]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "one"},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "two"},
    ]
    calls, results = translate(messages=messages, tools=TOOLS).body["messages"][1:]
    assert [(block["id"], block["input"]) for block in calls["content"]] == [
        ("toolu_1", {"a": 1}),
        ("toolu_1_2", {"a": 2}),
    ]
    assert [(block["tool_use_id"], block["content"]) for block in results["content"]] == [
        ("toolu_1", [text("one")]),
        ("toolu_1_2", [text("two")]),
    ]
    third = {"role": "tool", "tool_call_id": "toolu_1", "content": "three"}
    assert refuse(messages=[*messages, third], tools=TOOLS).param == "messages[4].tool_call_id"


def test_results_stand_first_in_the_users_turn_and_in_the_order_of_the_calls(translate: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "content": "Let me add."},
        {"role": "assistant", "tool_calls": [CALL, CALL_2]},
        {"role": "tool", "tool_call_id": "toolu_2", "content": "two"},
        {"role": "tool", "tool_call_id": "toolu_1", "content": [text("one"), text("more")]},
        user("B"),
    ]
    body = translate(messages=messages, tools=TOOLS).body
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
    assert body["messages"][1]["content"] == [
        text("Let me add."),
        {"type": "tool_use", "id": "toolu_1", "name": "add", "input": {"a": 1}},
        {"type": "tool_use", "id": "toolu_2", "name": "add", "input": {"a": 2}},
    ]
    assert body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("one"), text("more")]},
        {"type": "tool_result", "tool_use_id": "toolu_2", "content": [text("two")]},
        text("B"),
    ]


def test_an_empty_result_has_no_content(translate: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": ""},
    ]
    body = translate(messages=messages, tools=TOOLS).body
    assert body["messages"][2]["content"] == [{"type": "tool_result", "tool_use_id": "toolu_1"}]


def test_a_schema_reference_in_a_result_is_only_text(translate: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": '{"$ref":"#/$defs/x"}'},
    ]
    body = translate(messages=messages, tools=TOOLS).body
    assert body["messages"][2]["content"][0]["content"] == [text('{"$ref":"#/$defs/x"}')]


def test_an_unanswered_call_is_refused(refuse: Any) -> None:
    error = refuse(messages=[user("A"), {"role": "assistant", "tool_calls": [CALL]}, user("B")], tools=TOOLS)
    assert error.code == "invalid_value"


def _history(arguments: str, id_: str = "toolu_1") -> list[dict[str, Any]]:
    call = {"id": id_, "type": "function", "function": {"name": "add", "arguments": arguments}}
    return [
        user("A"),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": id_, "content": "3"},
    ]


def test_empty_arguments_are_an_empty_object(translate: Any) -> None:
    body = translate(messages=_history(""), tools=TOOLS).body
    assert body["messages"][1]["content"][0]["input"] == {}


def test_a_call_that_was_cut_off_does_not_kill_its_conversation(translate: Any) -> None:
    call = translate(messages=_history('{"a": 1'), tools=TOOLS)
    assert call.body["messages"][1]["content"][0]["input"] == {"__raw_arguments": '{"a": 1'}
    assert "tool_args_wrapped" in call.notes


def test_integers_beyond_a_double_keep_their_digits(translate: Any) -> None:
    body = translate(messages=_history('{"a":9007199254740993}'), tools=TOOLS).body
    assert body["messages"][1]["content"][0]["input"] == {"a": 9007199254740993}


def test_a_foreign_call_id_is_hashed_the_same_on_both_sides(translate: Any) -> None:
    content = translate(messages=_history("{}", "fc|1:ä"), tools=TOOLS).body["messages"]
    id_ = content[1]["content"][0]["id"]
    assert id_.startswith("toolu_")
    assert id_.isascii()
    assert content[2]["content"][0]["tool_use_id"] == id_


def test_ids_that_repeat_in_the_conversation_are_told_apart(translate: Any) -> None:
    body = translate(messages=_history("{}") + _history("{}"), tools=TOOLS).body
    messages = body["messages"]
    first, second = messages[1]["content"][0]["id"], messages[3]["content"][0]["id"]
    assert first != second
    assert messages[2]["content"][0]["tool_use_id"] == first
    assert messages[4]["content"][0]["tool_use_id"] == second


def test_legacy_function_messages_are_calls_and_results(translate: Any) -> None:
    messages = [
        user("A"),
        {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": "{}"}},
        {"role": "function", "name": "add", "content": "3"},
    ]
    body = translate(messages=messages, functions=[{"name": "add", "parameters": {"type": "object"}}]).body
    call = body["messages"][1]["content"][0]
    assert (call["type"], call["name"]) == ("tool_use", "add")
    assert body["messages"][2]["content"][0]["tool_use_id"] == call["id"]


def test_a_custom_call_in_history_is_wrapped_in_its_one_argument(translate: Any) -> None:
    call = {"id": "toolu_1", "type": "custom", "custom": {"name": "run", "input": "ls"}}
    messages = [
        user("A"),
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "x"},
    ]
    body = translate(messages=messages, tools=[{"type": "custom", "custom": {"name": "run"}}]).body
    assert body["messages"][1]["content"][0]["input"] == {"input": "ls"}


def test_an_older_model_goes_on_with_an_assistant_message(translate: Any) -> None:
    call = translate(messages=[user("A"), {"role": "assistant", "content": "B is"}])
    assert call.body["messages"][-1] == {"role": "assistant", "content": [text("B is")]}
    assert "assistant_prefill" in call.notes


def test_white_space_at_the_end_of_such_a_message_is_taken_off_and_noted(translate: Any) -> None:
    call = translate(messages=[user("A"), {"role": "assistant", "content": "B is \n"}])
    assert call.body["messages"][-1]["content"] == [text("B is")]
    assert "assistant_prefill_trimmed" in call.notes


def test_a_newer_model_refuses_an_assistant_message_at_the_end(refuse: Any) -> None:
    error = refuse("claude-opus-4-6", messages=[user("A"), {"role": "assistant", "content": "B is"}])
    assert (error.param, error.code) == ("messages[1]", "unsupported_value")


def test_a_cache_breakpoint_marks_its_block(translate: Any) -> None:
    part = text("long") | {"prompt_cache_breakpoint": {"mode": "explicit"}}
    body = translate(messages=[user([part, text("short")])]).body
    assert body["messages"][0]["content"] == [
        text("long") | {"cache_control": {"type": "ephemeral"}},
        text("short"),
    ]


def test_a_fifth_cache_breakpoint_is_refused(refuse: Any) -> None:
    part = text("long") | {"prompt_cache_breakpoint": {"mode": "explicit"}}
    assert refuse(messages=[user([part] * 5)]).param == "messages[0].content[4].prompt_cache_breakpoint"
