"""Frames of `application/vnd.amazon.eventstream` → data of events, by botocore's sans-I/O buffer.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModelWithResponseStream.html
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

from botocore.eventstream import EventStreamBuffer, ParserError

from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json, dumps, loads_object
from unigate_formats.bedrock_converse.errors import EXCEPTION

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_BROKEN = "Bedrock sent a broken event stream."

_CLAUDE_ERRORS = {
    "throttlingException": "rate_limit_error",
    "serviceUnavailableException": "overloaded_error",
    "validationException": "invalid_request_error",
    "modelTimeoutException": "timeout_error",
}


class EventStream:
    """One stream. `data` makes the data of an event of its type and its payload."""

    def __init__(self, data: Callable[[str, Json], bytes]) -> None:
        self._buffer = EventStreamBuffer()
        self._data = data
        self._failure: UpstreamProtocol | None = None

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completes. What came before a broken frame is given first.

        Raises UpstreamProtocol for checksums and lengths that are wrong.
        """
        if self._failure is not None:
            raise self._failure
        self._buffer.add_data(chunk)
        events: list[bytes] = []
        try:
            events.extend(self._read(message.headers, message.payload) for message in self._buffer)
        except (ParserError, ValueError, KeyError, binascii.Error) as error:
            self._failure = UpstreamProtocol(_BROKEN)
            if not events:
                raise self._failure from error
        return events

    def flush(self) -> list[bytes]:
        """The stream has ended. Raises UpstreamProtocol for a frame that was broken."""
        if self._failure is not None:
            raise self._failure
        return []

    def _read(self, headers: Mapping[str, object], payload: bytes) -> bytes:
        native = loads_object(payload) if payload else {}
        if headers.get(":message-type") == "exception":
            return self._data(EXCEPTION, native | {EXCEPTION: headers.get(":exception-type")})
        if headers.get(":message-type") == "error":
            error = {EXCEPTION: headers.get(":error-code"), "message": headers.get(":error-message")}
            return self._data(EXCEPTION, error)
        return self._data(str(headers.get(":event-type")), native)


def converse_frames() -> EventStream:
    """Of ConverseStream: an object with the event's type as its one key; an exception's own object."""
    return EventStream(lambda kind, native: dumps(native if kind == EXCEPTION else {kind: native}))


def claude_frames() -> EventStream:
    """Of InvokeModelWithResponseStream with Claude: Anthropic's own events, which are held in base64."""
    return EventStream(_claude_event)


def _claude_event(kind: str, native: Json) -> bytes:
    if kind != EXCEPTION:
        return base64.b64decode(native["bytes"], validate=True)
    name = str(native[EXCEPTION])
    message = native.get("message") or native.get("originalMessage") or f"Bedrock ended the stream: {name}."
    return dumps({"type": "error", "error": {"type": _CLAUDE_ERRORS.get(name, "api_error"), "message": message}})
