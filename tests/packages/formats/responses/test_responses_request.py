"""A Responses request as a chat request: input items, options, tools, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.encrypted_content import PayloadBlock
from unigate_core.errors import RequestRefused
from unigate_core.json import loads
from unigate_formats.neutral.parameters import Parameter, ParameterSupport
from unigate_formats.neutral.request import (
    AudioPart,
    FilePart,
    ImagePart,
    NativePart,
    RefusalPart,
    TextPart,
    ThoughtPart,
    ToolCallPart,
    ToolResultPart,
)

PIXEL = "iVBORw0KGgo="


def call(call_id: str, name: str = "look", arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments}


def output(call_id: str, value: Any = "ok") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def shape(chat: Any) -> list[Any]:
    return [(turn.role, [type(part).__name__ for part in turn.parts]) for turn in chat.turns]


def test_a_string_is_a_user_turn(read: Any) -> None:
    (turn,) = read("Hello").turns
    assert (turn.role, turn.parts) == ("user", (TextPart(text="Hello", path="input"),))


def test_instructions_are_the_first_system_turn(read: Any) -> None:
    turns = read([{"role": "developer", "content": "b"}, user("c")], instructions="a").turns
    assert [(turn.role, turn.parts[0].text) for turn in turns] == [("system", "a"), ("system", "b"), ("user", "c")]


def test_calls_with_the_same_id_are_told_apart(read: Any) -> None:
    items = [
        user("a"),
        call("c"),
        call("c", "taste"),
        call("c_2"),
        output("c", "1"),
        output("c", "2"),
        output("c_2", "3"),
    ]
    _, asked, answered = read(items).turns
    assert [(part.id, part.name) for part in asked.parts] == [("c", "look"), ("c_3", "taste"), ("c_2", "look")]
    assert [(part.call_id, part.name, part.content[0].text) for part in answered.parts] == [
        ("c", "look", "1"),
        ("c_3", "taste", "2"),
        ("c_2", "look", "3"),
    ]


def test_parts_know_their_place_in_the_request(read: Any) -> None:
    content = [
        {"type": "input_text", "text": "see"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "low"},
        {"type": "input_file", "file_url": "https://files.example/a.pdf"},
        {"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,SGk="},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
    ]
    parts = read([user("first"), user(content)]).turns[1].parts
    assert parts == (
        TextPart(text="see", path="input[1].content[0]"),
        ImagePart(data=PIXEL, media_type="image/png", detail="low", path="input[1].content[1].image_url"),
        FilePart(url="https://files.example/a.pdf", path="input[1].content[2]"),
        FilePart(data="SGk=", media_type="text/plain", filename="a.txt", path="input[1].content[3]"),
        AudioPart(data="AAAA", format="wav", path="input[1].content[4]"),
    )


def test_items_of_one_answer_are_one_turn_and_their_outputs_the_next(read: Any) -> None:
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
    }
    chat = read([user("?"), message, call("a"), call("b"), output("b", "2"), output("a", "1"), user("so?")])
    assert shape(chat) == [
        ("user", ["TextPart"]),
        ("assistant", ["TextPart", "ToolCallPart", "ToolCallPart"]),
        ("tool", ["ToolResultPart", "ToolResultPart"]),
        ("user", ["TextPart"]),
    ]
    assert [part.call_id for part in chat.turns[2].parts] == ["a", "b"]


def test_calls_that_alternate_with_their_outputs_are_turns_of_their_own(read: Any) -> None:
    chat = read([call("a"), output("a"), call("b"), output("b")])
    assert [turn.role for turn in chat.turns] == ["assistant", "tool", "assistant", "tool"]


def test_an_id_that_is_used_again_belongs_to_the_nearest_call(read: Any) -> None:
    chat = read([call("a"), output("a", "1"), user("again"), call("a"), output("a", "2")])
    assert [turn.parts[0].content[0].text for turn in chat.turns if turn.role == "tool"] == ["1", "2"]


def test_an_output_may_be_made_of_text_images_and_files(read: Any) -> None:
    parts = [{"type": "input_text", "text": "a"}, {"type": "input_image", "image_url": "https://i.example/a.png"}]
    result = read([call("a"), output("a", parts)]).turns[1].parts[0]
    assert result == ToolResultPart(
        call_id="a",
        name="look",
        content=(
            TextPart(text="a", path="input[1].output[0]"),
            ImagePart(url="https://i.example/a.png", path="input[1].output[1].image_url"),
        ),
        path="input[1]",
    )


def test_custom_calls_keep_their_text(read: Any) -> None:
    made = {"type": "custom_tool_call", "call_id": "c", "name": "sql", "input": "SELECT 1"}
    done = {"type": "custom_tool_call_output", "call_id": "c", "output": "1"}
    assert read([made, done]).turns[0].parts == (
        ToolCallPart(id="c", name="sql", arguments="SELECT 1", path="input[0]", custom=True),
    )


def test_a_refusal_stays_a_refusal(read: Any) -> None:
    said = {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert read([said, user("Why?")]).turns[0].parts == (RefusalPart(text="No.", path="input[0].content[0]"),)


def test_our_own_thoughts_come_back_in_place(read: Any, encrypted: Any) -> None:
    token = encrypted(blocks=(PayloadBlock("acme-v1", "hm", "proof"),), signatures={"a": "sig"})
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": token}
    turn = read([reasoning, call("a"), output("a")]).turns[0]
    assert turn.parts == (
        ThoughtPart(format="acme-v1", text="hm", signature="proof", path="input[0]"),
        ToolCallPart(id="a", name="look", arguments="{}", path="input[1]", signature="sig"),
    )


@pytest.mark.parametrize("maker", [{"provider": "other"}, {"model": "acme-2"}])
def test_thoughts_of_another_model_are_left_out_and_told(read: Any, encrypted: Any, maker: Any) -> None:
    token = encrypted(blocks=(PayloadBlock("acme-v1", "hm", "proof"),), **maker)
    chat = read([user("?"), {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": token}, user("!")])
    assert shape(chat) == [("user", ["TextPart"])] * 2
    assert chat.notes == ("thinking_dropped",)


def test_a_summary_is_never_sent_as_a_thought(read: Any) -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}
    assert shape(read([user("?"), reasoning, call("a"), output("a")]))[1] == ("assistant", ["ToolCallPart"])


def test_the_vendor_s_own_blocks_come_back_verbatim(read: Any, encrypted: Any) -> None:
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "encrypted_content": encrypted(native=[{"a": 1}]),
    }
    said = {"role": "assistant", "content": "Found."}
    parts = read([user("?"), search, said, user("!")]).turns[1].parts
    assert parts[0] == NativePart(format="acme", value=[{"a": 1}], path="input[1]")


def test_a_foreign_search_is_left_out_and_told(read: Any) -> None:
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "x"},
    }
    chat = read([user("?"), search, {"role": "assistant", "content": "Found."}])
    assert shape(chat)[1] == ("assistant", ["TextPart"])
    assert chat.notes == ("builtin_calls_dropped",)


def test_earlier_responses_come_before_the_input(read: Any) -> None:
    earlier = [user("a"), call("1")]
    chat = read([output("1")], earlier=earlier, previous_response_id="resp_ug1")
    assert [turn.role for turn in chat.turns] == ["user", "assistant", "tool"]


def test_options_get_chat_s_names(read: Any) -> None:
    chat = read(
        max_output_tokens=32,
        temperature=0,
        top_p=0.5,
        parallel_tool_calls=False,
        reasoning={"effort": "low", "summary": "auto"},
        service_tier="flex",
        user="u",
        safety_identifier="s",
        stream=True,
    )
    assert (chat.max_tokens, chat.temperature, chat.top_p, chat.parallel_tool_calls) == (32, 0, 0.5, False)
    assert (chat.reasoning_effort, chat.reasoning_summary, chat.service_tier) == ("low", True, "flex")
    assert (chat.end_user, chat.stream) == ("s", True)
    assert chat.param("max_completion_tokens") == "max_output_tokens"
    assert chat.param("reasoning_effort") == "reasoning.effort"


def test_a_kind_of_summary_is_told_to_be_the_common_one(read: Any) -> None:
    assert read(reasoning={"summary": "detailed"}).notes == ("summary:detailed->auto",)


def test_a_text_format_is_a_response_format(read: Any) -> None:
    form = {"type": "json_schema", "name": "person", "schema": {"type": "object"}, "strict": True}
    made = read(text={"format": form}).response_format
    assert (made.path, made.name, made.schema, made.strict) == ("text.format", "person", {"type": "object"}, True)
    assert read(text={"format": {"type": "json_object"}}).response_format.schema is None
    assert read(text={"format": {"type": "text"}}).response_format is None


def test_tools_of_all_kinds_are_read(read: Any) -> None:
    tools = [
        {"type": "function", "name": "look", "description": "d", "parameters": {"type": "object"}, "strict": True},
        {"type": "custom", "name": "sql"},
        {
            "type": "web_search_preview",
            "search_context_size": "low",
            "user_location": {"type": "approximate", "country": "CA", "city": None},
        },
        {"type": "code_interpreter", "container": {"type": "auto"}},
    ]
    chat = read(tools=tools, max_tool_calls=None)
    assert [(tool.name, tool.strict, tool.custom) for tool in chat.tools] == [
        ("look", True, False),
        ("sql", False, True),
    ]
    assert (chat.web_search.path, chat.web_search.context_size) == ("tools[2]", "low")
    assert chat.web_search.location == {"country": "CA"}
    assert [(tool.kind, tool.path) for tool in chat.builtin_tools] == [("code_interpreter", "tools[3]")]


def test_the_limit_of_tool_calls_limits_searches(read: Any) -> None:
    search = {"type": "web_search", "filters": {"allowed_domains": ["a.example"]}}
    made = read(tools=[search], max_tool_calls=3).web_search
    assert (made.max_uses, made.allowed_domains) == (3, ("a.example",))


TOOLS = [{"type": "function", "name": "look", "parameters": None}, {"type": "web_search"}]


@pytest.mark.parametrize(
    ("given", "mode", "names"),
    [
        ("none", "none", ()),
        ("required", "required", ()),
        ({"type": "function", "name": "look"}, "named", ("look",)),
        ({"type": "web_search_preview"}, "builtin", ("web_search",)),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "look"}]}, "auto", ("look",)),
    ],
)
def test_tool_choices_are_read(read: Any, given: Any, mode: str, names: Any) -> None:
    choice = read(tools=TOOLS, tool_choice=given).tool_choice
    assert (choice.mode, choice.names) == (mode, names)


REFUSED: list[tuple[dict[str, Any], str | None, str]] = [
    (
        {"given": [user([{"type": "input_image", "file_id": "f"}])]},
        "input[0].content[0].file_id",
        "unsupported_parameter",
    ),
    ({"given": [user([{"type": "text", "text": "x"}])]}, "input[0].content[0].type", "invalid_value"),
    ({"given": [user(7)]}, "input[0].content", "invalid_type"),
    ({"given": [{"role": "tool", "content": "x"}]}, "input[0].role", "invalid_value"),
    ({"given": ["x"]}, "input[0]", "invalid_type"),
    ({"given": [user("x"), {"type": "mcp_call", "id": "m"}]}, "input[1].type", "unsupported_value"),
    ({"given": [{"type": "item_reference", "id": "msg_1"}]}, "input", "item_not_found"),
    ({"given": [{"id": "msg_1"}]}, "input", "item_not_found"),
    ({"given": [call("a")]}, "input", "invalid_value"),
    ({"given": [output("a")]}, "input", "invalid_value"),
    ({"given": [call("a"), output("a"), output("a")]}, "input", "invalid_value"),
    ({"given": [call("a"), output("a", [{"type": "refusal", "refusal": "x"}])]}, "input[1].output[0]", "invalid_value"),
    ({"given": None}, "input", "missing_required_parameter"),
    ({"previous_response_id": "resp_x"}, "previous_response_id", "previous_response_not_found"),
    ({"max_output_tokens": 15}, "max_output_tokens", "invalid_value"),
    ({"max_output_tokens": "many"}, "max_output_tokens", "invalid_type"),
    ({"temperature": 3}, "temperature", "invalid_value"),
    ({"include": ["everything"]}, "include", "invalid_value"),
    ({"include": ["message.output_text.logprobs"]}, "include", "unsupported_parameter"),
    ({"top_logprobs": 2}, "top_logprobs", "invalid_value"),
    ({"reasoning": {"effort": "huge"}}, "reasoning.effort", "invalid_value"),
    ({"reasoning": {"mode": "pro"}}, "reasoning.mode", "unsupported_value"),
    ({"reasoning": {"context": "current_turn"}}, "reasoning.context", "unsupported_value"),
    ({"text": {"verbosity": "low"}}, "text.verbosity", "unsupported_parameter"),
    ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format", "invalid_value"),
    ({"tools": [{"type": "file_search"}]}, "tools[0].type", "unsupported_value"),
    ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
    ({"tools": [{"type": "function", "name": "a b"}]}, "tools[0].name", "invalid_value"),
    (
        {"tools": [{"type": "web_search", "external_web_access": False}]},
        "tools[0].external_web_access",
        "unsupported_value",
    ),
    (
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["f"]}}]},
        "tools[0].container.file_ids",
        "unsupported_parameter",
    ),
    (
        {"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}], "max_tool_calls": 1},
        "max_tool_calls",
        "unsupported_parameter",
    ),
    ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
    ({"tool_choice": {"type": "function", "name": "gone"}, "tools": TOOLS}, "tool_choice", "invalid_value"),
    ({"tool_choice": {"type": "code_interpreter"}, "tools": TOOLS}, "tool_choice", "invalid_value"),
    ({"tool_choice": {"type": "mcp", "server_label": "x"}, "tools": TOOLS}, "tool_choice", "unsupported_value"),
]


@pytest.mark.parametrize(("request_", "param", "code"), REFUSED)
def test_what_cannot_be_served_is_refused_by_name(read: Any, request_: Any, param: Any, code: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        read(**request_)
    assert (refused.value.param, refused.value.code) == (param, code)


def test_the_operator_may_let_verbosity_be_dropped(read: Any) -> None:
    assert read(text={"verbosity": "low"}, drop_unsupported=True).dropped == ("text.verbosity",)


def test_a_provider_without_search_refuses_the_tool(read: Any) -> None:
    table = {"web_search_options": Parameter(ParameterSupport.UNSUPPORTED, "It cannot search.")}
    with pytest.raises(RequestRefused) as refused:
        read(tools=[{"type": "web_search"}], table=table)
    assert refused.value.param == "tools"


def test_log_probabilities_are_asked_for_by_include(read: Any) -> None:
    chat = read(include=["message.output_text.logprobs"], top_logprobs=2, table={})
    assert (chat.logprobs, chat.top_logprobs) == (True, 2)


LARK = {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}
CLIENT_TOOLS = [
    {"type": "function", "name": "shell", "defer_loading": True},
    {"type": "custom", "name": "apply_patch", "description": "Patch files.", "format": LARK},
    {"type": "namespace", "name": "mcp__files__", "tools": [{"type": "function", "name": "read"}]},
    {"type": "namespace", "name": "web.site", "tools": [{"type": "custom", "name": "open page"}]},
    {"type": "tool_search"},
]


@pytest.mark.parametrize("drop", [False, True])
def test_tools_that_the_client_runs_work_everywhere(read: Any, drop: bool) -> None:
    chat = read("x", tools=CLIENT_TOOLS, drop_unsupported=drop)
    names = [tool.name for tool in chat.tools]
    assert names[:3] == ["shell", "apply_patch", "mcp__files__read"]
    assert names[3].startswith("web_site__open_page_")
    assert [(tool.namespace, tool.local_name) for tool in chat.tools[2:]] == [
        ("mcp__files__", "read"),
        ("web.site", "open page"),
    ]
    assert chat.tools[1].description.startswith("Patch files.\n\nThe input has to follow this grammar (lark):")
    assert chat.dropped == ("tools[1].format",)
    # reported by adapters whose models do not search for tools
    assert (chat.tool_search, chat.deferred) == (True, ("tools[0].defer_loading", "tools[4]"))


SEARCH = {"type": "tool_search", "execution": "client", "description": "Find tools."}
FOUND = [
    {"type": "function", "name": "shell"},
    {"type": "namespace", "name": "mcp__files__", "tools": [{"type": "function", "name": "read", "description": "R."}]},
]


def searched(tools: list[Any], **more: Any) -> list[Any]:
    """A search of the model's and what the client found."""
    run = {"call_id": "s", "execution": "client", **more}
    return [
        {"type": "tool_search_call", "arguments": {"query": "files"}, **run},
        {"type": "tool_search_output", "tools": tools, **run},
    ]


@pytest.mark.parametrize("drop", [False, True])
def test_a_search_that_the_client_runs_is_a_function(read: Any, drop: bool) -> None:
    chat = read("x", tools=[SEARCH], drop_unsupported=drop)
    [tool] = chat.tools
    assert (tool.name, tool.description, tool.searches) == ("tool_search", "Find tools.", True)
    assert tool.parameters["required"] == ["query"]
    assert chat.dropped == ()


def test_nothing_is_searched_for_where_all_deferred_tools_are_given(read: Any) -> None:
    chat = read("x", tools=[SEARCH, {"type": "function", "name": "far", "defer_loading": True}])
    assert [tool.name for tool in chat.tools] == ["far"]
    assert (chat.dropped, chat.deferred) == (("tools[0]",), ("tools[1].defer_loading",))


def test_what_a_search_found_can_be_called(read: Any) -> None:
    shell = {"type": "function", "name": "shell", "description": "The first."}
    chat = read([user("x"), *searched(FOUND), user("go on")], tools=[SEARCH, shell])
    assert [tool.name for tool in chat.tools] == ["tool_search", "shell", "mcp__files__read"]
    assert chat.tools[1].description == "The first."
    [asked], [answered] = chat.turns[1].parts, chat.turns[2].parts
    assert (asked.name, asked.arguments) == ("tool_search", '{"query":"files"}')
    assert loads(answered.content[0].text) == [
        {"name": "shell", "description": ""},
        {"name": "mcp__files__read", "description": "R."},
    ]


def test_a_search_may_find_nothing(read: Any) -> None:
    chat = read([user("x"), *searched([])], tools=[SEARCH])
    assert chat.turns[2].parts[0].content[0].text == "No tools were found."


def test_a_search_that_openai_ran_is_left_out_and_its_tools_stay(read: Any) -> None:
    items = [user("x"), *searched(FOUND, execution="server", call_id=None), user("go on")]
    chat = read(items, drop_unsupported=True)
    assert [tool.name for tool in chat.tools] == ["shell", "mcp__files__read"]
    assert chat.dropped == ("input[1]", "input[2]")


def test_a_long_name_of_a_namespace_is_shortened_and_stays_its_own(read: Any) -> None:
    tools = [{"type": "function", "name": f"{'t' * 60}{i}"} for i in range(2)]
    names = [tool.name for tool in read("x", tools=[{"type": "namespace", "name": "long", "tools": tools}]).tools]
    assert len(set(names)) == 2
    assert all(len(name) <= 64 for name in names)


def test_tools_may_stand_among_the_input(read: Any) -> None:
    items = [{"type": "additional_tools", "tools": [{"type": "function", "name": "late"}]}, user("x")]
    chat = read(items)
    assert ([tool.name for tool in chat.tools], shape(chat)) == (["late"], [("user", ["TextPart"])])


def test_a_call_within_a_namespace_is_the_tool_s(read: Any) -> None:
    chat = read([user("x"), {**call("a", name="read"), "namespace": "mcp__files__"}, output("a")])
    assert chat.turns[1].parts[0].name == "mcp__files__read"


def test_tools_and_items_of_openai_s_own_are_left_out_and_reported(read: Any) -> None:
    tools = [{"type": "file_search", "vector_store_ids": ["v"]}, {"type": "function", "name": "a"}]
    items = [user("x"), {"type": "mcp_call", "id": "m"}, {"type": "something_new"}]
    chat = read(items, tools=tools, reasoning={"context": "current_turn"}, drop_unsupported=True)
    assert [tool.name for tool in chat.tools] == ["a"]
    assert chat.dropped == ("tools[0]", "input[1]", "input[2]", "reasoning.context")


@pytest.mark.parametrize(
    "asked",
    [
        {"given": "x", "tools": [{"type": "file_search"}], "tool_choice": {"type": "file_search"}},
        {"given": "x", "tools": [{"type": "file_search"}], "tool_choice": "required"},
    ],
)
def test_what_the_answer_depends_on_is_never_left_out(read: Any, asked: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused):
        read(drop_unsupported=True, **asked)


IMAGE = {"type": "image_generation_call", "id": "ig_1", "status": "completed"}


def test_images_of_an_earlier_answer_are_of_its_turn(read: Any) -> None:
    items = [user("draw"), IMAGE | {"result": PIXEL}, call("a"), output("a"), user("and blue?")]
    chat = read(items)
    assert shape(chat) == [
        ("user", ["TextPart"]),
        ("assistant", ["ImagePart", "ToolCallPart"]),
        ("tool", ["ToolResultPart"]),
        ("user", ["TextPart"]),
    ]
    assert chat.turns[1].parts[0] == ImagePart(data=PIXEL, media_type="image/png", path="input[1].result")
    assert chat.notes == ()


def test_images_that_openai_keeps_are_left_out_or_refused(read: Any) -> None:
    items = [user("draw"), IMAGE | {"result": None}, user("and blue?")]
    assert read(items, drop_unsupported=True).dropped == ("input[1]",)
    with pytest.raises(RequestRefused, match="needs 'result'"):
        read(items)


def test_the_description_of_a_namespace_reaches_the_model_with_each_of_its_tools(read: Any) -> None:
    inner = [{"type": "function", "name": "a", "description": "Does a."}, {"type": "custom", "name": "b"}]
    space = {"type": "namespace", "name": "cloud", "description": "Always pass region=EU.", "tools": inner}
    tools = read(tools=[space]).tools
    assert [tool.description for tool in tools] == ["Always pass region=EU.\n\nDoes a.", "Always pass region=EU."]


WEB = {"type": "web_search"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"tools": [WEB | {"return_token_budget": 9}]}, "tools[0].return_token_budget"),
        ({"tools": [{"type": "code_interpreter", "hidden": 1}]}, "tools[0].hidden"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [], "hidden": 1}]}, "tools[0].hidden"),
        ({"text": {"hidden": 1}}, "text.hidden"),
        ({"text": {"format": {"type": "text", "hidden": 1}}}, "text.format.hidden"),
        ({"reasoning": {"hidden": 1}}, "reasoning.hidden"),
        ({"stream": True, "stream_options": {"hidden": 1}}, "stream_options.hidden"),
    ],
)
def test_members_that_nothing_is_made_of_are_reported_or_refused(read: Any, body: Any, path: str) -> None:
    assert read(**body, drop_unsupported=True).dropped == (path,)
    with pytest.raises(RequestRefused) as refused:
        read(**body)
    assert (refused.value.code, refused.value.param) == ("unknown_parameter", path)


def test_members_of_functions_and_of_answers_are_left_to_the_vendor_to_know(read: Any) -> None:
    answer = {"role": "assistant", "content": "a", "hidden": 1}
    tool = {"type": "function", "name": "look", "output_schema": {"type": "object"}}
    chat = read([user("?"), answer, user("!")], tools=[tool])
    assert [each.path for each in chat.turns[1].extensions] == ["input[1].hidden"]
    assert [each.path for each in chat.tools[0].extensions] == ["tools[0].output_schema"]


LOOK = {"type": "function", "name": "look"}
CODE = {"type": "code_interpreter"}


@pytest.mark.parametrize(
    ("mode", "allowed", "choice", "left"),
    [
        ("auto", [LOOK, WEB], ("auto", ("look",)), (1, True, 0)),
        ("required", [LOOK], ("required", ("look",)), (1, False, 0)),
        ("auto", [WEB], ("auto", ()), (0, True, 0)),
        ("required", [CODE], ("builtin", ("code_interpreter",)), (0, False, 1)),
        ("required", [WEB, CODE], ("required", ()), (0, True, 1)),
    ],
)
def test_the_vendor_s_own_tools_can_be_allowed(
    read: Any, mode: str, allowed: list[Any], choice: Any, left: tuple[int, bool, int]
) -> None:
    chat = read(tools=[LOOK, WEB, CODE], tool_choice={"type": "allowed_tools", "mode": mode, "tools": allowed})
    assert (chat.tool_choice.mode, chat.tool_choice.names) == choice
    assert (len(chat.tools), chat.web_search is not None, len(chat.builtin_tools)) == left


def test_allowed_tools_that_run_at_openai_are_left_out_or_refused(read: Any) -> None:
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [LOOK, {"type": "file_search"}]}
    assert read(tools=[LOOK], tool_choice=choice, drop_unsupported=True).dropped == ("tool_choice.tools[1]",)
    with pytest.raises(RequestRefused, match="run at OpenAI only"):
        read(tools=[LOOK], tool_choice=choice)


@pytest.mark.parametrize("allowed", [[], [{"type": "file_search"}]])
def test_no_tool_being_allowed_is_refused(read: Any, allowed: list[Any]) -> None:
    choice = {"type": "allowed_tools", "mode": "auto", "tools": allowed}
    with pytest.raises(RequestRefused, match="none of the allowed tools"):
        read(tools=[LOOK], tool_choice=choice, drop_unsupported=True)


def test_an_allowed_tool_must_be_declared(read: Any) -> None:
    choice = {"type": "allowed_tools", "mode": "auto", "tools": [LOOK, WEB]}
    with pytest.raises(RequestRefused, match="'web_search' is not declared"):
        read(tools=[LOOK], tool_choice=choice)
