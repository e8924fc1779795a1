"""Neutral events → the event stream of a message. https://docs.anthropic.com/en/api/messages-streaming

One message_start, blocks one after the other and numbered, one message_delta with stop reason and usage, message_stop.
"""

from __future__ import annotations

from collections.abc import Iterable

from unigate_core.client_errors.anthropic import error_event
from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import Json, dumps
from unigate_formats.anthropic_messages.answer_content import (
    STOP_REASONS,
    MessageContext,
    citation,
    media_text,
    message_object,
    message_usage,
    server_tool_blocks,
)
from unigate_formats.anthropic_messages.encode_messages import native_id
from unigate_formats.neutral.events import (
    Citation,
    Event,
    Finish,
    FinishReason,
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

_EMPTY: dict[str, Json] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}
_PIECE_HEAD = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b_delta","%b":'
)


class MessageStreamEncoder:
    """A streamed message."""

    def __init__(self, context: MessageContext) -> None:
        self._context = context
        self._out: list[bytes] = []
        self._started = False
        self._usage: Usage | None = None
        self._index = -1
        self._open = ""
        """The type of the block that is open, empty: none. A tool call has its number too."""
        self._piece_head = b""
        """An event with a piece of the open block, up to the piece itself: most of a stream is such events."""
        self._call: int | None = None
        self._waiting: list[Event] = []
        self._finish: FinishReason | None = None
        self._declined = False

    def write(self, events: Iterable[Event]) -> bytes:
        """The events of these neutral events; those of other choices than the first have no place."""
        self._emit_all(events)
        return self._taken()

    def close(self, usage: Usage | None) -> bytes:
        """The end of the message. Raises UpstreamProtocol when the answer never finished."""
        while self._waiting:
            self._end_call()
        if self._finish is None:
            raise UpstreamProtocol("The provider's answer has no end.")
        self._begin(Start(id="", model=""))
        self._close_block()
        reason = "refusal" if self._declined else STOP_REASONS[self._finish]
        delta = {"stop_reason": reason, "stop_sequence": None}
        self._emit("message_delta", {"delta": delta, "usage": message_usage(usage or self._usage)})
        self._emit("message_stop", {})
        return self._taken()

    def fail(self, error: GatewayError) -> bytes:
        """How an error is reported after the first byte."""
        return self._taken() + error_event(error)

    def stored(self) -> None:
        """Messages are not stored."""

    def _event(self, event: Event) -> None:
        match event:
            case Text(text):
                self._piece("text", text)
            case ToolArguments(index, text):
                if index != self._call:
                    raise UpstreamProtocol("The provider continued a tool call that had already ended.")
                self._delta({"type": "input_json_delta", "partial_json": text})
            case Reasoning(text):
                self._piece("thinking", text)
            case Usage():
                self._usage = event
            case Start():
                self._begin(event)
            case _:
                self._rare(event)

    def _rare(self, event: Event) -> None:
        match event:
            case ReasoningBlock():
                self._thought(event)
            case ToolCall():
                self._begin_call(event)
            case ToolEnd():
                self._end_call()
            case Refusal(text):
                self._declined = True
                self._piece("text", text)
            case Finish(reason):
                self._finish = reason
            case Media():
                self._piece("text", media_text(event))
            case Citation():
                if self._open != "text":
                    self._open_block(_EMPTY["text"])
                self._delta({"type": "citations_delta", "citation": citation(event, "")})
            case ServerTool():
                for block in server_tool_blocks(event):
                    self._open_block(block)
                    self._close_block()

    def _emit_all(self, events: Iterable[Event]) -> None:
        for event in events:
            if getattr(event, "choice", 0):
                continue
            if self._call is not None and not self._belongs(event):
                self._waiting.append(event)
            else:
                self._event(event)

    def _belongs(self, event: Event) -> bool:
        """Whether the event can be sent while a call is open: blocks don't overlap, all else comes after it."""
        if isinstance(event, ToolArguments | ToolEnd):
            return event.index == self._call
        return isinstance(event, Usage | Start | Finish)

    def _end_call(self) -> None:
        self._close_block()
        waiting, self._waiting = self._waiting, []
        self._emit_all(waiting)

    def _begin(self, start: Start) -> None:
        if self._started:
            return
        self._started = True
        message = message_object(self._context, start.id, [], self._usage)
        self._emit("message_start", {"message": message})
        self._emit("ping", {})

    def _piece(self, block: str, text: str) -> None:
        if self._open != block:
            self._open_block(_EMPTY[block])
        self._out.append(b"%b%b}}\n\n" % (self._piece_head, dumps(text)))

    def _thought(self, event: ReasoningBlock) -> None:
        if event.data is not None and not event.text and self._open != "thinking":
            self._open_block({"type": "redacted_thinking", "data": self._context.token(event)})
        else:
            if self._open != "thinking":
                self._open_block(_EMPTY["thinking"])
            self._delta({"type": "signature_delta", "signature": self._context.token(event)})
        self._close_block()

    def _begin_call(self, call: ToolCall) -> None:
        if call.signature:
            token = self._context.call_token(call.id, call.signature)
            self._open_block({"type": "redacted_thinking", "data": token})
        self._open_block({"type": "tool_use", "id": native_id(call.id), "name": call.name, "input": {}})
        self._call = call.index

    def _open_block(self, block: Json) -> None:
        self._begin(Start(id="", model=""))
        self._close_block()
        self._index += 1
        self._open = block["type"]
        if self._open in _EMPTY:
            kind = self._open.encode()
            self._piece_head = _PIECE_HEAD % (self._index, kind, kind)
        self._emit("content_block_start", {"index": self._index, "content_block": block})

    def _close_block(self) -> None:
        if self._open:
            self._emit("content_block_stop", {"index": self._index})
            self._open, self._call = "", None

    def _delta(self, delta: Json) -> None:
        self._emit("content_block_delta", {"index": self._index, "delta": delta})

    def _emit(self, kind: str, members: Json) -> None:
        self._out.append(b"event: %b\ndata: %b\n\n" % (kind.encode(), dumps({"type": kind, **members})))

    def _taken(self) -> bytes:
        out, self._out = self._out, []
        return b"".join(out)
