"""A whole GenerateContentResponse → events: the stream of one. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_common.codec import Json
from unigate_common.events import Event
from unigate_gemini.reading import Reading
from unigate_gemini.stream import ContentStream


def from_gemini(native: Json, reading: Reading) -> Iterator[Event]:
    """The events of a whole answer. Raises GatewayError when it is none."""
    stream = ContentStream(reading)
    yield from stream.feed(native)
    for ending in stream.endings.values():
        # A whole answer is complete, whether it says so or not.
        ending.reason = ending.reason or "FINISH_REASON_UNSPECIFIED"
    yield from stream.close()
