"""Neutral events → one message. https://docs.anthropic.com/en/api/messages"""

from __future__ import annotations

from collections.abc import Iterable

from unigate_core.errors import GatewayError, UpstreamProtocol
from unigate_core.json import Json, dumps, loads
from unigate_formats.anthropic_messages.answer_content import (
    STOP_REASONS,
    MessageContext,
    citation,
    media_text,
    message_object,
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
    Usage,
)


class MessageEncoder:
    """Gathers a whole message; all its bytes come from `close`."""

    def __init__(self, context: MessageContext) -> None:
        self._context = context
        self._id = ""
        self._content: list[Json] = []
        self._calls: dict[int, tuple[Json, list[str]]] = {}
        self._text: list[str] = []
        self._thought: list[str] = []
        self._finish: FinishReason | None = None
        self._declined = False

    def write(self, events: Iterable[Event]) -> bytes:
        """Gather what belongs to the first choice."""
        for event in events:
            if not getattr(event, "choice", 0):
                self._gather(event)
        return b""

    def close(self, usage: Usage | None) -> bytes:
        """The message. Raises UpstreamProtocol when the answer never finished."""
        if self._finish is None:
            raise UpstreamProtocol("The provider's answer has no end.")
        self._end_pieces()
        for block, pieces in self._calls.values():
            block["input"] = _input("".join(pieces))
        message = message_object(self._context, self._id, self._content, usage)
        message["stop_reason"] = "refusal" if self._declined else STOP_REASONS[self._finish]
        return dumps(message)

    def fail(self, error: GatewayError) -> bytes:
        """A whole answer fails as a whole."""
        raise error

    def stored(self) -> None:
        """Messages are not stored."""

    def _gather(self, event: Event) -> None:
        match event:
            case Start(id=id_):
                self._id = self._id or id_
            case Text(text) | Refusal(text):
                self._declined = self._declined or isinstance(event, Refusal)
                self._text.append(text)
            case Reasoning(text):
                self._thought.append(text)
            case ReasoningBlock():
                self._end_thought(event)
            case ToolCall():
                self._begin_call(event)
            case ToolArguments(index, text):
                self._calls[index][1].append(text)
            case Finish(reason):
                self._finish = reason
            case Media():
                self._text.append(media_text(event))
            case Citation():
                self._cite(event)
            case ServerTool():
                self._end_pieces()
                self._content += server_tool_blocks(event)

    def _end_thought(self, event: ReasoningBlock) -> None:
        token = self._context.token(event)
        text, self._thought = "".join(self._thought) or event.text, []
        self._end_pieces()
        if event.data is not None and not text:
            self._content.append({"type": "redacted_thinking", "data": token})
        else:
            self._content.append({"type": "thinking", "thinking": text, "signature": token})

    def _begin_call(self, call: ToolCall) -> None:
        self._end_pieces()
        if call.signature:
            token = self._context.call_token(call.id, call.signature)
            self._content.append({"type": "redacted_thinking", "data": token})
        block: Json = {"type": "tool_use", "id": native_id(call.id), "name": call.name, "input": {}}
        self._calls[call.index] = (block, [])
        self._content.append(block)

    def _cite(self, event: Citation) -> None:
        self._end_pieces()
        block = next((block for block in reversed(self._content) if block["type"] == "text"), None)
        if block is not None:
            block["citations"] = [*(block.get("citations") or []), citation(event, "")]

    def _end_pieces(self) -> None:
        """Thoughts and text that belong to no block yet become one."""
        if self._thought:
            self._content.append({"type": "thinking", "thinking": "".join(self._thought), "signature": ""})
            self._thought = []
        if self._text:
            self._content.append({"type": "text", "text": "".join(self._text)})
            self._text = []


def _input(arguments: str) -> Json:
    """The arguments as an object; a call cut off by a limit keeps its text."""
    if not arguments.strip():
        return {}
    try:
        value = loads(arguments)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {"__raw_arguments": arguments}
