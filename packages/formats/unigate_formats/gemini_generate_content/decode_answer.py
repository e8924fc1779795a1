"""A whole GenerateContentResponse → events: the stream of one. https://ai.google.dev/api/generate-content"""

from __future__ import annotations

from collections.abc import Iterator

from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_stream import ContentStream
from unigate_formats.gemini_generate_content.request_state import RequestState
from unigate_formats.neutral.events import Event


def decode_answer(native: Json, state: RequestState) -> Iterator[Event]:
    """The events of a whole answer. Raises GatewayError when it is none."""
    stream = ContentStream(state)
    yield from stream.feed(native)
    for ending in stream.endings.values():
        # A whole answer is complete, whether it says so or not.
        ending.reason = ending.reason or "FINISH_REASON_UNSPECIFIED"
    yield from stream.close()
