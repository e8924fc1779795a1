"""What a format's encoder writes, its decoder reads: requests and answers of all formats that are written both ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from unigate_core.encrypted_content import EncryptedPayload
from unigate_core.json import Json, dumps_text, loads
from unigate_core.sse import EventDecoder
from unigate_formats.anthropic_messages.answer_content import MessageContext
from unigate_formats.anthropic_messages.decode_answer import decode_answer as from_message
from unigate_formats.anthropic_messages.decode_request import decode_request as from_messages
from unigate_formats.anthropic_messages.decode_stream import MessageStream
from unigate_formats.anthropic_messages.encode_answer import MessageEncoder
from unigate_formats.anthropic_messages.encode_request import encode_request as to_messages
from unigate_formats.anthropic_messages.encode_stream import MessageStreamEncoder
from unigate_formats.gemini_generate_content.decode_answer import decode_answer as from_content
from unigate_formats.gemini_generate_content.decode_request import decode_request as from_contents
from unigate_formats.gemini_generate_content.decode_stream import ContentStream
from unigate_formats.gemini_generate_content.encode_answer import (
    ContentContext,
    ContentEncoder,
    ContentStreamEncoder,
)
from unigate_formats.gemini_generate_content.encode_request import encode_request as to_contents
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import (
    Event,
    Finish,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.request import (
    ChatRequest,
    ImagePart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    Turn,
)
from unigate_formats.neutral.translation import Context
from unigate_formats.openai_chat.decode_request import decode_request as from_chat
from unigate_formats.openai_chat.encode_request import encode_request as to_chat
from unigate_formats.openai_chat.openai_profile import OPENAI

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=12)
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
NAMES = ("get_weather", "look_up")
ARGUMENTS = st.dictionaries(st.sampled_from(["a", "b"]), WORDS | st.integers(-9, 9), max_size=2).map(dumps_text)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def conversations() -> st.SearchStrategy[tuple[Turn, ...]]:
    """A user who asks, models that answer or call tools, and the tools' results."""

    @st.composite
    def build(draw: Any) -> tuple[Turn, ...]:
        turns = [Turn(role="system", parts=(TextPart(draw(WORDS)),))] if draw(st.booleans()) else []
        for number in range(draw(st.integers(1, 3))):
            asked: list[Any] = [TextPart(draw(WORDS))]
            if draw(st.booleans()):
                asked.append(ImagePart(data=PNG, media_type="image/png"))
            turns.append(Turn(role="user", parts=tuple(asked)))
            calls = [
                ToolCallPart(f"call_{number}_{i}", draw(st.sampled_from(NAMES)), draw(ARGUMENTS))
                for i in range(draw(st.integers(0, 2)))
            ]
            said = [TextPart(draw(WORDS))] if draw(st.booleans()) or not calls else []
            turns.append(Turn(role="assistant", parts=(*said, *calls)))
            if calls:
                results = tuple(ToolResultPart(call.id, call.name, (TextPart(draw(WORDS)),)) for call in calls)
                turns.append(Turn(role="tool", parts=results))
        return (*turns, Turn(role="user", parts=(TextPart(draw(WORDS)),)))

    return build()


REQUESTS = st.builds(
    ChatRequest,
    model=st.just("m"),
    turns=conversations(),
    tools=st.just(tuple(Tool(name=name, path="", description="d", parameters=SCHEMA) for name in NAMES)),
    tool_choice=st.sampled_from(
        [None, ToolChoice("none", ""), ToolChoice("required", ""), ToolChoice("named", "", (NAMES[0],))]
    ),
    max_tokens=st.integers(1, 4096),
    temperature=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    top_p=st.none(),
    stop=st.sampled_from([(), ("end",), ("a", "b")]),
    stream=st.booleans(),
)


def plain(chat: ChatRequest) -> Json:
    """What has to survive, without the paths."""

    def part(item: Any) -> Any:
        match item:
            case TextPart():
                return item.text
            case ImagePart():
                return (item.media_type, item.data)
            case ToolCallPart():
                return (item.id, item.name, loads(item.arguments))
            case ToolResultPart():
                return (item.call_id, item.name, [part(each) for each in item.content])
        return item

    # formats without a role for tools let the user speak in the same turn
    turns: list[tuple[str, list[Any]]] = []
    for turn in chat.turns:
        role = "user" if turn.role == "tool" else turn.role
        # chat completions want some content beside calls, if only an empty one
        parts = [part(item) for item in turn.parts if item != TextPart("", path=getattr(item, "path", ""))]
        if turns and turns[-1][0] == role:
            turns[-1][1].extend(parts)
        else:
            turns.append((role, parts))
    choice = chat.tool_choice
    return {
        "turns": turns,
        "tools": [(tool.name, tool.description, tool.parameters) for tool in chat.tools],
        "choice": (choice.mode, choice.names) if choice else None,
        "numbers": (chat.max_tokens, chat.temperature, chat.stop, chat.stream),
    }


def context(model: str) -> Context:
    """What encoders know beside the request."""
    return Context(model=ModelInfo(id=model), new_id=lambda: "x" * 24)


def renamed(chat: ChatRequest, model: str) -> ChatRequest:
    """The request to another model."""
    return msgspec.structs.replace(chat, model=model)


@settings(max_examples=60, deadline=None)
@given(REQUESTS)
def test_requests_to_anthropic(chat: ChatRequest) -> None:
    call = to_messages(renamed(chat, "claude-3-5-haiku-latest"), context("claude-3-5-haiku-latest"))
    read = from_messages(call.body, lambda token: None, drop_unsupported=False)
    assert plain(read) == plain(chat)


@settings(max_examples=60, deadline=None)
@given(REQUESTS)
def test_requests_to_gemini(chat: ChatRequest) -> None:
    call = to_contents(renamed(chat, "gemini-2.0-flash"), context("gemini-2.0-flash"))
    read = from_contents(call.body, "m", lambda token: None, stream=chat.stream, drop_unsupported=False)
    assert plain(read) == plain(chat)


@settings(max_examples=60, deadline=None)
@given(REQUESTS)
def test_requests_to_chat_completions(chat: ChatRequest) -> None:
    call = to_chat(OPENAI, chat, context("m"))
    assert plain(from_chat(call.body)) == plain(chat)


@st.composite
def answers(draw: Any) -> list[Event]:
    """What a model says: text and calls, in pieces."""
    events: list[Event] = [Start(id="1", model="m")]
    texts = draw(st.lists(WORDS, max_size=3))
    events += [Text(text) for text in texts]
    calls = draw(st.integers(0 if texts else 1, 2))
    for index in range(calls):
        arguments = draw(ARGUMENTS)
        events += [ToolCall(index, f"call_{index}", draw(st.sampled_from(NAMES))), ToolArguments(index, arguments[:3])]
        events += [ToolArguments(index, arguments[3:])] if arguments[3:] else []
        events.append(ToolEnd(index))
    return [
        *events,
        Usage(input=9, output=5, total=14),
        Finish("tool_calls" if calls else draw(st.sampled_from(["stop", "length"]))),
    ]


def said(events: list[Event]) -> Json:
    """The sum of an answer's events."""
    calls: dict[int, list[str]] = {}
    for event in events:
        if isinstance(event, ToolCall):
            calls[event.index] = [event.name, ""]
        elif isinstance(event, ToolArguments):
            calls[event.index][1] += event.text
    usage = [event for event in events if isinstance(event, Usage)][-1]
    return {
        "text": "".join(event.text for event in events if isinstance(event, Text)),
        "calls": [(name, loads(text)) for name, text in calls.values()],
        "finish": [event.reason for event in events if isinstance(event, Finish)],
        "tokens": (usage.input, usage.output),
    }


def encrypt(content: EncryptedPayload) -> str:
    return "token"


MESSAGE = MessageContext(model="p/m", provider="p", vendor_model="m", fallback_id="f", encrypt=encrypt)
CONTENT = ContentContext(model="p/m", provider="p", vendor_model="m", fallback_id="f", encrypt=encrypt)


def whole(encoder: Any, events: list[Event]) -> Json:
    """The bytes of a whole answer, decoded."""
    assert encoder.write(events) == b""
    decoded: Json = loads(encoder.close(Usage(input=9, output=5, total=14)))
    return decoded


def streamed(encoder: Any, events: list[Event]) -> list[Json]:
    """The native events of a streamed answer, written one event at a time."""
    data = b"".join(encoder.write([event]) for event in events) + encoder.close(Usage(input=9, output=5, total=14))
    return [loads(event) for event in EventDecoder().feed(data)]


def content_state() -> RequestState:
    ids = iter(range(99))
    return RequestState(new_id=lambda: str(next(ids)), model="m")


def check(events: list[Event], read: Callable[[], list[Event]]) -> None:
    assert said(read()) == said(events)


@settings(max_examples=60, deadline=None)
@given(answers())
def test_answers_of_messages(events: list[Event]) -> None:
    check(events, lambda: list(from_message(whole(MessageEncoder(MESSAGE), events))))


@settings(max_examples=60, deadline=None)
@given(answers())
def test_streams_of_messages(events: list[Event]) -> None:
    stream = MessageStream()
    native = streamed(MessageStreamEncoder(MESSAGE), events)
    check(events, lambda: [event for item in native for event in stream.feed(item)])


@settings(max_examples=60, deadline=None)
@given(answers())
def test_answers_of_generate_content(events: list[Event]) -> None:
    check(events, lambda: list(from_content(whole(ContentEncoder(CONTENT), events), content_state())))


@settings(max_examples=60, deadline=None)
@given(answers())
def test_streams_of_generate_content(events: list[Event]) -> None:
    stream = ContentStream(content_state())
    native = streamed(ContentStreamEncoder(CONTENT), events)
    check(events, lambda: [event for item in native for event in stream.feed(item)] + list(stream.close()))


@settings(max_examples=30, deadline=None)
@given(answers())
def test_an_array_is_the_same_as_its_events(events: list[Event]) -> None:
    encoder = ContentStreamEncoder(CONTENT, array=True)
    data = b"".join(encoder.write([event]) for event in events) + encoder.close(Usage(input=9, output=5, total=14))
    assert loads(data) == streamed(ContentStreamEncoder(CONTENT), events)


INTERLEAVED: list[Event] = [
    Start(id="r", model="m"),
    ToolCall(0, "a", "get_weather"),
    ToolCall(1, "b", "look_up"),
    ToolArguments(0, '{"city":'),
    ToolArguments(1, '{"word":"x"}'),
    ToolArguments(0, '"Paris"}'),
    ToolEnd(0),
    ToolEnd(1),
    Finish("tool_calls"),
]
"""Calls side by side whose arguments come in turns, as some vendors of OpenAI's format stream them."""


def test_calls_that_come_in_turns_are_whole_in_messages() -> None:
    stream = MessageStream()
    native = streamed(MessageStreamEncoder(MESSAGE), INTERLEAVED)
    assert calls_of([event for item in native for event in stream.feed(item)]) == CALLS


def test_calls_that_come_in_turns_are_whole_in_contents() -> None:
    stream = ContentStream(content_state())
    native = streamed(ContentStreamEncoder(CONTENT), INTERLEAVED)
    assert calls_of([event for item in native for event in stream.feed(item)]) == CALLS


CALLS = {"get_weather": {"city": "Paris"}, "look_up": {"word": "x"}}


def calls_of(events: list[Event]) -> dict[str, Any]:
    names = {event.index: event.name for event in events if isinstance(event, ToolCall)}
    texts = dict.fromkeys(names.values(), "")
    for event in events:
        if isinstance(event, ToolArguments):
            texts[names[event.index]] += event.text
    return {name: loads(text) for name, text in texts.items()}
