"""What the simulated models say."""

from unigate_simulator.behaviour import Choice, Finish, Prompt, Tool, answer
from unigate_simulator.wire import count, pieces

WEATHER = Tool("weather", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
CLOCK = Tool("clock", {"type": "object", "properties": {}})


def test_the_user_is_echoed() -> None:
    assert answer(Prompt("hello")).text == "You said: hello"


def test_images_are_acknowledged() -> None:
    assert (
        answer(Prompt("look", attachments=("[image image/png 68 bytes]",))).text
        == "You said: look [image image/png 68 bytes]"
    )


def test_an_answer_can_be_made_long() -> None:
    assert answer(Prompt("[[words:40]]")).text.endswith(" word39 word40")


def test_a_tool_is_called_when_there_is_one() -> None:
    assert [call.name for call in answer(Prompt("hello", tools=(WEATHER,))).calls] == ["weather"]


def test_the_tool_that_the_user_names_is_called() -> None:
    assert answer(Prompt("ask the clock", tools=(WEATHER, CLOCK))).calls[0].name == "clock"


def test_parallel_calls_go_to_two_tools() -> None:
    assert [call.name for call in answer(Prompt("in parallel", tools=(WEATHER, CLOCK))).calls] == ["weather", "clock"]


def test_parallel_calls_can_be_forbidden() -> None:
    assert len(answer(Prompt("in parallel", tools=(WEATHER, CLOCK), parallel_tools=False)).calls) == 1


def test_no_tool_is_called_when_calls_are_forbidden() -> None:
    assert not answer(Prompt("hello", tools=(WEATHER,), tool_choice=Choice.NONE)).calls


def test_a_tool_result_is_quoted() -> None:
    assert (
        answer(Prompt("hello", tools=(WEATHER,), tool_results=("21 degrees",))).text == "The tool answered: 21 degrees"
    )


def test_a_forced_tool_is_called_even_after_a_result() -> None:
    prompt = Prompt("hello", tools=(WEATHER, CLOCK), tool_results=("x",), forced_tool="clock")
    assert answer(prompt).calls[0].name == "clock"


def test_a_schema_is_answered_with_an_instance() -> None:
    assert (
        answer(Prompt("hello", schema={"type": "object", "properties": {"n": {"type": "integer"}}})).text == '{"n":1}'
    )


def test_json_mode_is_answered_with_an_object() -> None:
    assert answer(Prompt("hello", json_mode=True)).text == '{"answer":"You said: hello"}'


def test_the_token_limit_ends_the_answer() -> None:
    said = answer(Prompt("one two three", max_tokens=4))
    assert (said.text, said.finish, said.output_tokens) == ("You said: one", Finish.LENGTH, 4)


def test_reasoning_counts_against_the_token_limit() -> None:
    said = answer(Prompt("one", thinking=True, max_tokens=3))
    assert (said.text, said.reasoning_tokens, said.output_tokens) == ("", 3, 3)


def test_the_first_stop_sequence_in_the_text_ends_it() -> None:
    said = answer(Prompt("one two three", stop=("three", " two")))
    assert (said.text, said.stop_sequence) == ("You said: one", " two")


def test_the_same_prompt_gets_the_same_counts() -> None:
    assert answer(Prompt("hello", thinking=True)) == answer(Prompt("hello", thinking=True))


def test_pieces_joined_are_the_text() -> None:
    text = "Grüße,\n\n  dear 世界! 👋🏽 \t"
    assert "".join(pieces(text)) == text


def test_longer_text_has_more_tokens() -> None:
    assert count("one two three") == 3
