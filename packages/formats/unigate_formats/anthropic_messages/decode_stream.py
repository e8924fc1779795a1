"""An event stream of the Messages API → neutral events. https://docs.anthropic.com/en/api/messages-streaming"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from unigate_core.errors import UpstreamProtocol, UpstreamTruncated
from unigate_core.json import Json
from unigate_formats.anthropic_messages.decode_answer import start
from unigate_formats.anthropic_messages.decode_blocks import Blocks
from unigate_formats.anthropic_messages.decode_finish import finish
from unigate_formats.anthropic_messages.errors import stream_error
from unigate_formats.anthropic_messages.request_state import RequestState
from unigate_formats.anthropic_messages.usage import merged, to_usage
from unigate_formats.neutral.events import Event, Ignored


class MessageStream:
    """One stream. The finish waits for message_stop: a stream cut before it must not look complete."""

    def __init__(self, state: Any = None) -> None:
        self._state: RequestState = state or RequestState()
        self._blocks = Blocks(self._state)
        self._counts: Json = {}
        self._id = ""
        self._stop_reason: str | None = None
        self._stop_details: Json | None = None
        self._ended = False

    def feed(self, native: Json) -> Iterable[Event]:
        """The neutral events of one native event. Raises GatewayError for an error event."""
        # Nearly all events are deltas: they take the shortest way.
        if native.get("type") == "content_block_delta":
            return self._blocks.delta(native.get("index", -1), native.get("delta") or {})
        return self._other(native)

    def _other(self, native: Json) -> Iterator[Event]:
        match native:
            case {"type": "content_block_start", "index": int(index), "content_block": dict(block)}:
                yield from self._blocks.open(index, block)
            case {"type": "content_block_stop", "index": int(index)}:
                yield from self._blocks.close(index)
            case {"type": "message_start", "message": {"id": str(), "model": str()} as message}:
                yield from self._start(message)
            case {"type": "message_delta", "delta": dict(delta)}:
                self._stop_reason = delta.get("stop_reason") or self._stop_reason
                self._stop_details = delta.get("stop_details") or self._stop_details
                self._counts = merged(self._counts, native.get("usage"))
                yield to_usage(self._counts)
            case {"type": "message_stop"} if not self._ended:
                self._ended = True
                yield from self._blocks.close_all()
                yield from finish(self._stop_reason, self._stop_details, self._blocks, self._state)
            case {"type": "error"}:
                raise stream_error(native)
            case {"type": "ping"}:
                pass
            case _:
                yield Ignored(str(native.get("type")))

    def close(self) -> Iterator[Event]:
        """The stream has ended. Raises UpstreamTruncated before message_stop."""
        if not self._ended:
            raise UpstreamTruncated("Anthropic's stream ended before message_stop.")
        return iter(())

    def _start(self, message: Json) -> Iterator[Event]:
        if self._id:
            if message["id"] != self._id:
                raise UpstreamProtocol("Anthropic's stream began a second message.")
            return
        self._id = message["id"]
        self._counts = merged({}, message.get("usage"))
        yield start(message)
        yield to_usage(self._counts)
