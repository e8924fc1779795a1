"""Neutral events → the Responses API's events, or one response object.

https://platform.openai.com/docs/api-reference/responses-streaming

Items come one after the other and are numbered; every event has the next sequence number; there is no [DONE].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import Json, dumps
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    FinishReason,
    Logprobs,
    Media,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
    Usage,
)
from unigate_formats.openai_responses.decode_body import LOGPROBS
from unigate_formats.openai_responses.encode_input import input_items
from unigate_formats.openai_responses.encode_items import (
    CallItem,
    Item,
    MessageItem,
    ReasoningItem,
    response_logprobs,
)
from unigate_formats.openai_responses.encode_server_tools import emit_server_tool
from unigate_formats.openai_responses.image_item import emit_image
from unigate_formats.openai_responses.response_object import (
    ResponseContext,
    ResponseStatus,
    response_error,
    response_object,
    visible,
)

INCOMPLETE: dict[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}


class ResponseStreamEncoder:
    """The event stream of a response."""

    def __init__(self, terms: ResponseContext) -> None:
        self._terms = terms
        self._start: Start | None = None
        self._out: list[bytes] = []
        self._number = 0
        self._current: MessageItem | ReasoningItem | None = None
        self._calls: dict[int, CallItem] = {}
        self._output: list[Json | None] = []
        self._deferred: list[ReasoningBlock] = []
        self._held: Text | None = None
        self._wants_logprobs = LOGPROBS in terms.include
        self._text_length = 0
        self._finish: FinishReason | None = None
        self._final: Json | None = None
        self._rare: dict[type, Callable[[Any], None]] = {
            Refusal: self._on_refusal,
            Reasoning: self._on_reasoning,
            ReasoningBlock: self._on_block,
            ToolCall: self._on_call,
            ToolEnd: self._on_call_end,
            ServerTool: self._on_server_tool,
            Media: self._on_media,
            Citation: self._on_citation,
            Logprobs: self._on_logprobs,
            Finish: self._on_finish,
        }

    def write(self, events: Iterable[Event]) -> bytes:
        """The events of these neutral events; those of other choices than the first have no place."""
        for event in events:
            match event:
                case Text(text):
                    self._on_text(text)
                case ToolArguments(index, text):
                    self._on_arguments(index, text)
                case Start():
                    self._begin(event)
                case _:
                    handler = self._rare.get(type(event))
                    if handler:
                        handler(event)
        self._release([])
        return self._taken()

    def close(self, usage: Usage | None) -> bytes:
        """The final event with the whole response. Raises UpstreamProtocol when the answer never finished."""
        final = self._finished(usage)
        self._emit(f"response.{final['status']}", {"response": final})
        return self._taken()

    def fail(self, error: GatewayError) -> bytes:
        """The event that reports an error after the first byte; open items stay open."""
        self._begin(Start(id="", model=""))
        outcome = ResponseStatus(status="failed", output=self._visible_output(), error=response_error(error))
        self._emit("response.failed", {"response": self._object(outcome)})
        return self._taken()

    def stored(self) -> tuple[bytes, bytes] | None:
        """The finished response, with all that the next turn needs, and the request's own input items.

        None when nothing is to be stored, or nothing has been finished.
        """
        if not self._terms.store or self._final is None:
            return None
        response = {**self._final, "output": [item for item in self._output if item]}
        return dumps(response), dumps(input_items(self._terms))

    def _emit(self, kind: str, members: Json) -> None:
        data = dumps({"type": kind, **members, "sequence_number": self._number})
        self._out.append(b"event: %b\ndata: %b\n\n" % (kind.encode(), data))
        self._number += 1

    def _taken(self) -> bytes:
        out, self._out = self._out, []
        return b"".join(out)

    def _begin(self, start: Start) -> None:
        if self._start is not None:
            return
        self._start = start
        response = self._object(ResponseStatus(status="in_progress"))
        self._emit("response.created", {"response": response})
        self._emit("response.in_progress", {"response": response})

    def _object(self, outcome: ResponseStatus) -> Json:
        return response_object(self._terms, self._start or Start(id="", model=""), outcome)

    def _visible_output(self) -> list[Json]:
        return [visible(item, self._terms) for item in self._output if item]

    def _finished(self, usage: Usage | None) -> Json:
        if self._finish is None:
            raise UpstreamProtocol("The provider's answer has no end.")
        if self._final is None:
            incomplete = INCOMPLETE.get(self._finish)
            outcome = ResponseStatus(
                status="incomplete" if incomplete else "completed",
                output=self._visible_output(),
                usage=usage or Usage(),
                incomplete=incomplete,
                completed_at=None if incomplete else int(self._terms.clock()),
            )
            self._final = self._object(outcome)
        return self._final

    def _next_index(self) -> int:
        self._begin(Start(id="", model=""))
        if self._finish is not None:
            raise UpstreamProtocol("The provider sent data after the end of its answer.")
        self._output.append(None)
        return len(self._output) - 1

    def _on_text(self, text: str) -> None:
        self._release([])
        if not text:
            return
        if self._wants_logprobs:
            # Their log probabilities come right after them, if at all.
            self._held = Text(text)
        else:
            self._message().text(text, [])

    def _on_logprobs(self, event: Logprobs) -> None:
        if self._wants_logprobs and event.choice == 0:
            self._held = self._held or Text("")
            self._release(response_logprobs(event.content))

    def _release(self, logprobs: list[Json]) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._message().text(held.text, logprobs)

    def _on_refusal(self, event: Refusal) -> None:
        self._release([])
        if event.text:
            self._message().refusal(event.text)

    def _on_citation(self, event: Citation) -> None:
        self._release([])
        message = self._current
        if isinstance(message, MessageItem) and event.start >= message.base:
            message.cite(event)

    def _message(self) -> MessageItem:
        if isinstance(self._current, MessageItem) and not self._deferred:
            return self._current
        self._close_complete()
        message = self._current = MessageItem(self._terms, self._emit, self._next_index(), self._text_length)
        return message

    def _on_reasoning(self, event: Reasoning) -> None:
        if event.text:
            self._thoughts().text(event.text)

    def _on_block(self, event: ReasoningBlock) -> None:
        self._release([])
        if isinstance(self._current, MessageItem) and not event.text:
            # A mere signature must not end the message: citations of its text may follow.
            self._deferred.append(event)
        else:
            self._thoughts().block(event)

    def _thoughts(self) -> ReasoningItem:
        self._release([])
        if isinstance(self._current, ReasoningItem):
            return self._current
        self._close_complete()
        item = self._current = ReasoningItem(self._terms, self._emit, self._next_index())
        return item

    def _on_call(self, call: ToolCall) -> None:
        self._release([])
        if call.signature and (self._terms.store or self._terms.shows_encrypted):
            self._thoughts().sign(call)
        self._close_complete()
        self._calls[call.index] = CallItem(self._terms, self._emit, self._next_index(), call)

    def _on_arguments(self, index: int, text: str) -> None:
        call = self._calls.get(index)
        if call is None:
            raise UpstreamProtocol("The provider sent arguments for a call that is not open.")
        if text:
            call.arguments(text)

    def _on_call_end(self, event: ToolEnd) -> None:
        # It is closed when something follows: only then is it known that the answer did not break off in it.
        if event.index in self._calls:
            self._calls[event.index].ended = True

    def _on_server_tool(self, event: ServerTool) -> None:
        self._release([])
        self._close_complete()
        index = self._next_index()
        self._output[index] = emit_server_tool(self._terms, self._emit, index, event)
        if self._output[index] is None:
            self._output.pop()

    def _on_media(self, media: Media) -> None:
        if not media.media_type.startswith("image/"):
            return  # OpenAI has no item for sound
        self._release([])
        self._close_complete()
        index = self._next_index()
        self._output[index] = emit_image(self._terms, self._emit, index, media)

    def _on_finish(self, event: Finish) -> None:
        if event.choice:
            return
        self._release([])
        self._begin(Start(id="", model=""))
        incomplete = event.reason in INCOMPLETE
        items: list[Item] = [*self._calls.values()]
        if self._current is not None:
            items.append(self._current)
        items.sort(key=lambda item: item.index)
        for item in items:
            cut = incomplete and (item is items[-1] or (isinstance(item, CallItem) and item.breaks_off()))
            self._close(item, "incomplete" if cut else "completed")
        self._current, self._calls = None, {}
        self._emit_deferred()
        self._finish = event.reason

    def _close_complete(self) -> None:
        """Close what is complete before something new begins."""
        if self._current is not None:
            self._close(self._current, "completed")
            self._current = None
        for index, call in list(self._calls.items()):
            if call.ended:
                self._close(self._calls.pop(index), "completed")
        self._emit_deferred()

    def _emit_deferred(self) -> None:
        blocks, self._deferred = self._deferred, []
        if blocks:
            item = ReasoningItem(self._terms, self._emit, self._next_index())
            for block in blocks:
                item.block(block)
            self._close(item, "completed")

    def _close(self, item: Item, status: str) -> None:
        if isinstance(item, MessageItem):
            self._text_length += item.length
        self._output[item.index] = item.close(status)


class ResponseAnswerEncoder(ResponseStreamEncoder):
    """The same, gathered into one response object; all its bytes come from `close`."""

    def close(self, usage: Usage | None) -> bytes:
        """The response object. Raises UpstreamProtocol when the answer never finished."""
        return dumps(self._finished(usage))

    def _emit(self, kind: str, members: Json) -> None:
        """Nothing is sent before the end."""
