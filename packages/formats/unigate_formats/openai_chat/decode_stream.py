"""A vendor's chat.completion.chunk stream → neutral events. https://platform.openai.com/docs/api-reference/chat-streaming

Usage may sit on the finish chunk or on one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from unigate_core.errors import UpstreamTruncated
from unigate_core.ids import call_id
from unigate_core.json import Json, loads
from unigate_formats.neutral.events import (
    Event,
    Ignored,
    Reasoning,
    ReasoningBlock,
    Refusal,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_answer import (
    TRIMMED,
    citations,
    finish,
    keep,
    logprobs,
    start,
    thought_of,
    usage,
)
from unigate_formats.openai_chat.odd_messages import CallIndexes, arguments_text, plain
from unigate_formats.openai_chat.rewrite import stream_error


class _Choice(msgspec.Struct):
    """What has been said of a choice: thoughts not yet closed, all thoughts, and the calls by the vendor's index."""

    open: list[str] = msgspec.field(default_factory=list)
    reasoning: str = ""
    calls: CallIndexes = msgspec.field(default_factory=CallIndexes)
    open_calls: dict[int, list[str]] = msgspec.field(default_factory=dict)
    """The pieces of the arguments of each call that has not ended."""
    finished: bool = False


class ChatStream:
    """One streamed answer. `feed` raises GatewayError for an error in the stream."""

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._choices: dict[int, _Choice] = {}
        self._started = False

    def feed(self, native: Json) -> Iterator[Event]:
        """Events of one chunk. What few chunks have is looked for before there is a generator for it."""
        if native.get("error") is not None:
            raise stream_error(native["error"])
        if not self._started:
            self._started = True
            yield start(native)
        choices: list[Json] = native.get("choices") or []
        for choice in choices:
            yield from self._deltas(choice)
        if native.get("usage") is not None:
            yield from usage(native)
        for choice in choices:
            if choice.get("finish_reason"):
                yield from self._finish(choice)

    def close(self) -> Iterator[Event]:
        """Nothing is left to be said. Raises UpstreamTruncated when a choice has no end."""
        if not self._choices or not all(state.finished for state in self._choices.values()):
            raise UpstreamTruncated("The provider's stream ended before its finish reason.")
        return iter(())

    def _deltas(self, choice: Json) -> Iterator[Event]:
        index = choice.get("index") or 0
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _Choice()
        delta = plain(choice.get("delta") or {})
        if thought := thought_of(delta):
            state.open.append(thought)
            yield Reasoning(thought, index)
        if text := delta.get("content"):
            if state.open:
                yield from self._close_thought(state, index)
            yield Text(text, index)
        if delta.get("annotations"):
            yield from citations(delta, index)
        if delta.get("refusal"):
            yield from self._close_thought(state, index)
            yield Refusal(delta["refusal"], index)
        if choice.get("logprobs"):
            yield from logprobs(choice, index)
        for call in delta.get("tool_calls") or ():
            yield from self._close_thought(state, index)
            yield from self._call(call, state, index)

    def _call(self, call: Json, state: _Choice, choice: int) -> Iterator[Event]:
        function: Json = call.get("function") or {}
        index, first = state.calls.place(call)
        if index and not self._state.parallel:
            if first:
                yield Ignored(TRIMMED)
            return
        if first:
            yield from _end_whole(state, choice)
            id_ = call.get("id") or call_id()
            yield ToolCall(index, id_, function.get("name") or "", choice=choice)
            if not index:
                yield from keep(id_, state.reasoning)
            state.open_calls[index] = []
        if text := arguments_text(function.get("arguments")):
            if index in state.open_calls:
                state.open_calls[index].append(text)
            yield ToolArguments(index, text, choice)

    def _finish(self, choice: Json) -> Iterator[Event]:
        index = choice.get("index") or 0
        state = self._choices[index]
        if state.finished:
            return
        yield from self._close_thought(state, index)
        for call in state.open_calls:
            yield ToolEnd(call, index)
        state.finished = True
        yield from finish(choice["finish_reason"], index)

    def _close_thought(self, state: _Choice, choice: int) -> Iterator[ReasoningBlock]:
        if state.open:
            text = "".join(state.open)
            state.open = []
            state.reasoning += text
            yield ReasoningBlock(self._state.thought_format, text, choice=choice)


def _end_whole(state: _Choice, choice: int) -> Iterator[ToolEnd]:
    """End the calls whose arguments are whole; others may go on beside the next one."""
    for index in [index for index, pieces in state.open_calls.items() if _is_whole("".join(pieces))]:
        del state.open_calls[index]
        yield ToolEnd(index, choice)


def _is_whole(arguments: str) -> bool:
    try:
        loads(arguments)
    except ValueError:
        return False
    return True
