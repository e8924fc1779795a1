"""Streams of typed events (responses, images, transcripts, speech) on their way through.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from typing import Any

import msgspec

from unigate_core.errors import GatewayError, UpstreamProtocol, UpstreamTruncated
from unigate_core.json import Json, clean_text, dumps, loads_object, raw_members
from unigate_core.json_splice import normalise_json, splice
from unigate_core.sse import DONE, LAST, EventSplitter, frame, parse_event
from unigate_formats.openai_chat.answer_metadata import Answer, AnswerMetadata
from unigate_formats.openai_chat.rewrite import stream_error


class _Event(msgspec.Struct):
    """The few members of a typed event that are read."""

    type: str = ""
    response: Answer | msgspec.UnsetType = msgspec.UNSET
    usage: Any = None
    error: Any = None


_decode_event = msgspec.json.Decoder(_Event).decode
_END = {"response.completed", "response.incomplete", "response.failed", "response.cancelled"}
_END_SUFFIXES = (".completed", ".done")


class TypedEventRewriter:
    """Typed events (responses, images, transcripts, speech) → the same, with the prefix before a response's model.

    An error event is not passed on: it becomes `failure`, to be reported after what came before it, or as a status.
    """

    def __init__(self, provider: str) -> None:
        self.metadata = AnswerMetadata()
        self.failure: GatewayError | None = None
        self._provider = provider
        self._events = EventSplitter()
        self._ended = False
        self.done = False
        """Whether the vendor has said `[DONE]`, which not all do here."""

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for the events that are complete now."""
        return self._written(self._events.feed(chunk))

    def close(self) -> bytes:
        """The end of the stream. Raises UpstreamTruncated when no last event was seen."""
        out = self._written([self._events.flush()])
        if self.failure:
            raise self.failure
        if not self._ended:
            raise UpstreamTruncated("The provider's stream broke off before its last event.")
        return out

    def _written(self, events: list[bytes]) -> bytes:
        out = []
        for name, data in map(parse_event, events):
            if data and self.failure is None:
                out.append(self._event(name, clean_text(data)))
        return b"".join(out)

    def _event(self, name: str, data: bytes) -> bytes:
        if data.startswith(LAST):
            # it ends nothing by itself: the last event does
            self.done = self._ended
            return DONE if self._ended else b""
        try:
            event = _decode_event(data)
        except msgspec.ValidationError:
            return frame(data, name)
        except ValueError as error:
            try:
                return self._event(name, normalise_json(data))
            except ValueError:
                raise UpstreamProtocol("The provider's stream holds an event that is not JSON.") from error
        if event.type == "error" or isinstance(event.error, dict):
            self.failure = stream_error(_fault(data))
            return b""
        if event.type in _END or (not event.type.startswith("response.") and event.type.endswith(_END_SUFFIXES)):
            self._ended = True
        if isinstance(event.usage, dict):
            self.metadata.count(event.usage)
        if event.response is not msgspec.UNSET:
            data = self._renamed(data, event.response)
        return frame(data, name)

    def _renamed(self, data: bytes, response: Answer) -> bytes:
        self.metadata.read(response)
        if not isinstance(response.model, str):
            return data
        inner = splice(bytes(raw_members(data)["response"]), {"model": dumps(f"{self._provider}/{response.model}")})
        return splice(data, {"response": inner})


def _fault(data: bytes) -> Json:
    """The error object of an error event: a member of it, or the event itself."""
    event = loads_object(data)
    fault = event.get("error")
    return fault if isinstance(fault, dict) else {name: event.get(name) for name in ("code", "message", "param")}
