"""POST /v1/audio/speech. https://platform.openai.com/docs/api-reference/audio/createSpeech"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from unigate_edge.validation.types import Object, Request


class SpeechRequest(Request, frozen=True):
    """The body of a request for speech."""

    must_fit: ClassVar[frozenset[str] | None] = frozenset({"input", "model", "stream_format"})

    model: str
    input: str
    voice: str | Object
    instructions: str | None = None
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: Annotated[float, Meta(ge=0.25, le=4)] | None = None
    stream_format: Literal["sse", "audio"] | None = None

    def wants_stream(self) -> bool:
        """Media is passed on as it is made, whatever the form."""
        return True

    def wants_events(self) -> bool:
        """Whether the stream is server-sent events, not media."""
        return self.stream_format == "sse"
