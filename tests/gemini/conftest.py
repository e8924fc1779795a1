"""Requests and answers in short: what a test says about Gemini is only what it is about."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from unigate_core.json import dumps, loads
from unigate_formats.gemini_generate_content.decode_answer import decode_answer
from unigate_formats.gemini_generate_content.decode_stream import ContentStream
from unigate_formats.gemini_generate_content.encode_request import encode_request
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import Event, Reasoning, Start, Text, ToolArguments
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.translation import Context, NativeCall
from unigate_formats.openai_chat.decode_request import decode_request

Json = dict[str, Any]

CURRENT = "gemini-3-flash-preview"
OLDER = "gemini-2.5-flash"


def ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{next(numbers):024d}"


def joined(events: Iterable[Event]) -> list[Event]:
    """Events with neighbouring pieces of one thing joined, as any reader of the answer sees them."""
    result: list[Event] = []
    for event in events:
        last = result[-1] if result else None
        match last, event:
            case Text(a, c), Text(b, d) if c == d:
                result[-1] = Text(a + b, c)
            case Reasoning(a, c), Reasoning(b, d) if c == d:
                result[-1] = Reasoning(a + b, c)
            case ToolArguments(i, a, c), ToolArguments(j, b, d) if (i, c) == (j, d):
                result[-1] = ToolArguments(i, a + b, c)
            case _:
                result.append(event)
    return result


@pytest.fixture
def translate() -> Callable[..., NativeCall]:
    """Translate an OpenAI request: its messages, or a single user text, and any further member."""

    def run(
        messages: Any = "Hi",
        *,
        model: str = CURRENT,
        replay: dict[str, bytes] | None = None,
        drop_unsupported: bool = False,
        **more: Any,
    ) -> NativeCall:
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        body = loads(dumps({"model": model, "messages": messages, **more}))
        context = Context(
            model=ModelInfo(id=model), new_id=ids(), replay=replay or {}, drop_unsupported=drop_unsupported
        )
        return encode_request(decode_request(body), context)

    return run


@pytest.fixture
def state() -> Callable[..., RequestState]:
    """What an answer's translation is told; the tool-call ids count up from 1."""

    def make(**more: Any) -> RequestState:
        return RequestState(new_id=ids(), **more)

    return make


@pytest.fixture
def whole(state: Callable[..., RequestState]) -> Callable[..., list[Event]]:
    """The events of a whole answer."""

    def run(native: Json, **more: Any) -> list[Event]:
        return list(decode_answer(native, state(**more)))

    return run


@pytest.fixture
def streamed(state: Callable[..., RequestState]) -> Callable[..., list[Event]]:
    """The events of a streamed answer, neighbouring pieces joined."""

    def run(natives: Sequence[Json], **more: Any) -> list[Event]:
        stream = ContentStream(state(**more))
        fed = [event for native in natives for event in stream.feed(native)]
        return joined([*fed, *stream.close()])

    return run


@pytest.fixture
def response() -> Callable[..., Json]:
    """A GenerateContentResponse of one candidate with these parts."""

    def make(*parts: Json, finish: str | None = "STOP", usage: Json | None = None, **candidate: Any) -> Json:
        body: Json = {"content": {"role": "model", "parts": list(parts)}, "index": 0, **candidate}
        if finish:
            body["finishReason"] = finish
        native: Json = {"candidates": [body], "modelVersion": "gemini-made-up", "responseId": "r-1"}
        return native | ({"usageMetadata": usage} if usage else {})

    return make


@pytest.fixture
def of_type() -> Callable[[Iterable[Event], Any], list[Any]]:
    """The events of one type."""

    def pick(events: Iterable[Event], kind: Any) -> list[Any]:
        return [event for event in events if isinstance(event, kind)]

    return pick


@pytest.fixture
def text_of() -> Callable[[Iterable[Event]], str]:
    """The text of all choices."""
    return lambda events: "".join(event.text for event in events if isinstance(event, Text))


@pytest.fixture
def start() -> Start:
    """How the answers made here begin."""
    return Start(id="r-1", model="gemini-made-up")
