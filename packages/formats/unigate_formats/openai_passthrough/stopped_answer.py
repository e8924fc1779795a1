"""Chat completions of models that take no stop sequences, ended at them here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from unigate_core.counts import members
from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps, loads_object
from unigate_core.sse import DONE, LAST, EventDecoder, frame
from unigate_formats.neutral.stop_sequences import StopCutter
from unigate_formats.openai_chat.answer_metadata import AnswerMetadata
from unigate_formats.openai_chat.rewrite import ChatChunkRewriter


def stopped_answer(body: bytes, stops: Sequence[str]) -> bytes:
    """A whole answer with each choice up to the first stop sequence."""
    answer = loads_object(body)
    for choice in _choices(answer):
        message = members(choice.get("message"))
        cutter = StopCutter(stops)
        if isinstance(text := message.get("content"), str):
            message["content"] = cutter.feed(text) + cutter.flush()
        if cutter.ended:
            choice["finish_reason"] = "stop"
            message.pop("tool_calls", None)
    return dumps(answer)


class StoppedStream:
    """A streamed answer with each choice up to the first stop sequence; its usage and end are the vendor's."""

    def __init__(self, inner: ChatChunkRewriter, stops: Sequence[str]) -> None:
        self._inner = inner
        self._stops = stops
        self._events = EventDecoder()
        self._cutters: dict[Any, StopCutter] = {}

    @property
    def metadata(self) -> AnswerMetadata:
        """What is known of the answer."""
        return self._inner.metadata

    @property
    def failure(self) -> GatewayError | None:
        """The error that the next call raises."""
        return self._inner.failure

    @property
    def done(self) -> bool:
        """Whether the vendor has said `[DONE]`."""
        return self._inner.done

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for the chunks that are complete now."""
        return self._cut(self._inner.feed(chunk))

    def close(self) -> bytes:
        """The end of the stream. Raises UpstreamTruncated where it is missing."""
        return self._cut(self._inner.close())

    def _cut(self, data: bytes) -> bytes:
        return b"".join(self._event(event) for event in self._events.feed(data))

    def _event(self, data: bytes) -> bytes:
        if data.startswith(LAST):
            return DONE
        chunk = loads_object(data)
        before = _choices(chunk)
        if not before:
            return frame(data)
        chunk["choices"] = [choice for choice in before if self._is_told(choice)]
        return frame(dumps(chunk)) if chunk["choices"] else b""

    def _is_told(self, choice: Json) -> bool:
        """Whether the choice says anything, after its text was cut."""
        cutter = self._cutters.setdefault(choice.get("index"), StopCutter(self._stops))
        was_ended, delta = cutter.ended, members(choice.get("delta"))
        if isinstance(text := delta.get("content"), str) and text:
            delta["content"] = cutter.feed(text)
        if cutter.ended:
            delta.pop("tool_calls", None)
        if choice.get("finish_reason") is None:
            return not was_ended and any(delta.values())
        held = cutter.flush()
        if held:
            delta["content"] = (delta.get("content") or "") + held
        if cutter.ended:
            choice["finish_reason"] = "stop"
        return True


def _choices(answer: Json) -> list[Json]:
    choices = answer.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []
