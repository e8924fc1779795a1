"""An event stream of ConverseStream → neutral events. Each event is an object with the event's type as its one key.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from unigate_core.errors import UpstreamTruncated
from unigate_core.json import Json
from unigate_formats.bedrock_converse.decode_blocks import Blocks
from unigate_formats.bedrock_converse.decode_finish import finish
from unigate_formats.bedrock_converse.errors import EXCEPTION, stream_error
from unigate_formats.bedrock_converse.request_state import RequestState
from unigate_formats.bedrock_converse.usage import to_usage
from unigate_formats.neutral.events import Event, Ignored, Start


class ConverseStream:
    """One stream. A stream that is cut before messageStop must not look complete."""

    def __init__(self, state: Any = None) -> None:
        self._state: RequestState = state or RequestState()
        self._blocks = Blocks(self._state)
        self._started = False
        self._ended = False

    def feed(self, native: Json) -> Iterable[Event]:
        """The neutral events of one native event. Raises GatewayError for an exception in the stream."""
        match native:
            case {"contentBlockDelta": {"delta": dict(delta)} as event}:
                return self._blocks.delta(event.get("contentBlockIndex", 0), delta)
            case {"contentBlockStart": {"start": dict(start)} as event}:
                return self._blocks.start(event.get("contentBlockIndex", 0), start)
            case {"contentBlockStop": dict(event)}:
                return self._blocks.stop(event.get("contentBlockIndex", 0))
        return self._other(native)

    def _other(self, native: Json) -> Iterator[Event]:
        match native:
            case {"messageStart": dict()} if not self._started:
                self._started = True
                yield Start(id="", model=self._state.model)
            case {"messageStop": {"stopReason": reason}} if not self._ended:
                self._ended = True
                yield from self._blocks.close()
                yield from finish(reason, calls=self._blocks.calls)
            case {"metadata": dict(metadata)}:
                if isinstance(metadata.get("usage"), dict):
                    yield to_usage(metadata["usage"])
            case _ if EXCEPTION in native:
                raise stream_error(native)
            case _:
                yield from (Ignored(kind) for kind in native)

    def close(self) -> Iterator[Event]:
        """The stream has ended. Raises UpstreamTruncated before messageStop."""
        if not self._ended:
            raise UpstreamTruncated("Bedrock's stream ended before messageStop.")
        return iter(())
