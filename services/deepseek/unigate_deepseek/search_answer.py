"""DeepSeek's response object and its stream → neutral events. https://api-docs.deepseek.com/api/responses

Reasoning comes as readable text, a search as an item of its own in which DeepSeek hides a marker
among the queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from unigate_core.errors import UpstreamProtocol, UpstreamTruncated
from unigate_core.json import Json
from unigate_deepseek.reasoning import FORMAT
from unigate_deepseek.search_request import SearchState
from unigate_formats.neutral.events import (
    Event,
    Finish,
    FinishReason,
    Ignored,
    Reasoning,
    ReasoningBlock,
    Refusal,
    ServerTool,
    Start,
    Text,
    ToolArguments,
    ToolCall,
    ToolEnd,
)
from unigate_formats.neutral.translation import StreamTranslator
from unigate_formats.openai_chat.chat_state import ChatState
from unigate_formats.openai_chat.decode_answer import TRIMMED, decode_answer, keep
from unigate_formats.openai_chat.decode_stream import ChatStream
from unigate_formats.openai_chat.rewrite import stream_error
from unigate_formats.openai_chat.usage import read_usage

MARKER = "ws_call_id="
INCOMPLETE: dict[str, FinishReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}
SILENT = frozenset(
    {
        "response.in_progress",
        "response.content_part.added",
        "response.content_part.done",
        "response.reasoning_text.done",
        "response.output_text.done",
        "response.refusal.done",
        "response.function_call_arguments.done",
    }
)
"""Events that say nothing which another one does not."""


def from_responses(body: Json, state: ChatState) -> Iterable[Event]:
    """Events of a whole answer, of whichever endpoint the request went to."""
    return _whole(body, state) if isinstance(state, SearchState) else decode_answer(body, state)


def responses_stream(state: ChatState) -> StreamTranslator:
    """The reader of a stream, of whichever endpoint the request went to."""
    return SearchStream(state) if isinstance(state, SearchState) else ChatStream(state)


def _whole(body: Json, state: ChatState) -> Iterator[Event]:
    """A whole answer as the events of its stream: both forms hold the same items."""
    stream = SearchStream(state)
    yield from stream.feed({"type": "response.created", "response": body})
    for item in body.get("output") or ():
        yield from stream.feed({"type": "response.output_item.added", "item": item})
        yield from stream.feed({"type": "response.output_item.done", "item": item})
    yield from stream.feed({"type": f"response.{body.get('status')}", "response": body})
    yield from stream.close()


class SearchStream:
    """One answer. What an item's deltas have not brought is taken from the item itself when it is done."""

    def __init__(self, state: ChatState) -> None:
        self._state = state
        self._text_written = ""
        self._thoughts = ""
        self._calls = 0
        self._ended = False

    def feed(self, native: Json) -> Iterator[Event]:
        """Events of one native event. Raises GatewayError for an error in the stream."""
        match native:
            case {"type": str(kind), "delta": str(text)}:
                yield from self._delta(kind, text)
            case {"type": "response.created", "response": dict(response)}:
                yield _start(response)
            case {"type": "response.output_item.added", "item": dict(item)}:
                self._text_written = ""
                yield from self._added(item)
            case {"type": "response.output_item.done", "item": dict(item)}:
                yield from self._done(item)
            case {"type": "response.completed" | "response.incomplete", "response": dict(response)}:
                yield from self._end(response)
            case {"type": "response.failed", "response": dict(response)}:
                raise stream_error(response.get("error") or {})
            case {"type": "error"} | {"error": dict()}:
                raise stream_error(native.get("error") or native)
            case {"type": str(kind)} if kind not in SILENT:
                yield Ignored(kind)

    def close(self) -> Iterator[Event]:
        """Nothing is left to be said. Raises UpstreamTruncated when the last event was not seen."""
        if not self._ended:
            raise UpstreamTruncated("The provider's stream ended before its last event.")
        return iter(())

    def _delta(self, kind: str, text: str) -> Iterator[Event]:
        if not text:
            return
        self._text_written += text
        match kind:
            case "response.reasoning_text.delta":
                yield Reasoning(text)
            case "response.output_text.delta":
                yield Text(text)
            case "response.refusal.delta":
                yield Refusal(text)
            case "response.function_call_arguments.delta":
                if not self._trimmed():
                    yield ToolArguments(self._calls - 1, text)
            case _:
                yield Ignored(kind)

    def _trimmed(self) -> bool:
        return self._calls > 1 and not self._state.parallel

    def _added(self, item: Json) -> Iterator[Event]:
        if item.get("type") != "function_call":
            return
        self._calls += 1
        if self._trimmed():
            yield Ignored(TRIMMED)
            return
        call_id = item.get("call_id") or ""
        yield ToolCall(self._calls - 1, call_id, item.get("name") or "")
        if self._calls == 1:
            yield from keep(call_id, self._thoughts)

    def _done(self, item: Json) -> Iterator[Event]:
        match item:
            case {"type": "reasoning"}:
                text = _joined(item, "text")
                if not self._text_written and text:
                    yield Reasoning(text)
                self._thoughts += text
                if text:
                    yield ReasoningBlock(FORMAT, text)
            case {"type": "message"}:
                if not self._text_written:
                    text, refusal = _joined(item, "text"), _joined(item, "refusal")
                    yield from [Text(text)] if text else []
                    yield from [Refusal(refusal)] if refusal else []
            case {"type": "function_call"}:
                if not self._trimmed():
                    if not self._text_written and item.get("arguments"):
                        yield ToolArguments(self._calls - 1, item["arguments"])
                    yield ToolEnd(self._calls - 1)
            case {"type": "web_search_call"}:
                yield _search(item)
            case _:
                yield Ignored(str(item.get("type")))

    def _end(self, response: Json) -> Iterator[Event]:
        self._ended = True
        if isinstance(response.get("usage"), dict):
            yield read_usage(response["usage"])
        if response.get("status") != "incomplete":
            yield Finish("tool_calls" if self._calls else "stop")
            return
        details: Json = response.get("incomplete_details") or {}
        reason = INCOMPLETE.get(details.get("reason") or "")
        if reason is None:
            raise UpstreamProtocol(f"The provider ended its answer for an unknown reason: {details.get('reason')!r}.")
        yield Finish(reason)


def _start(response: Json) -> Start:
    created = response.get("created_at")
    return Start(
        id=response.get("id") or "",
        model=response.get("model") or "",
        created=int(created) if isinstance(created, int | float) else None,
    )


def _joined(item: Json, key: str) -> str:
    return "".join(part.get(key) or "" for part in item.get("content") or ())


def _search(item: Json) -> ServerTool:
    action: Json = item.get("action") or {}
    queries = [query for query in action.get("queries") or () if not query.startswith(MARKER)]
    url = (action.get("url") or "").partition(f"#{MARKER}")[0]
    return ServerTool(
        kind="web_search",
        id=item.get("id") or "",
        queries=tuple(queries),
        sources=(url,) if url else (),
        failed=item.get("status") == "failed",
    )
