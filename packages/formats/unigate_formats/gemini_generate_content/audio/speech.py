"""OpenAI's speech ⇄ streamGenerateContent of a TTS model. https://ai.google.dev/gemini-api/docs/speech-generation

The samples are little-endian although the media type (audio/L16) means big-endian by its RFC.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from unigate_core import sse
from unigate_core.errors import (
    SERVER_ERROR,
    RequestRefused,
    UpstreamError,
    invalid_value,
    unsupported_parameter,
    unsupported_value,
)
from unigate_core.json import Json, dumps
from unigate_formats.gemini_generate_content.audio.audio_codec import CONTENT_TYPES, Encoder, encoder, samples_of
from unigate_formats.gemini_generate_content.audio.recording import check_end, read_event
from unigate_formats.gemini_generate_content.audio.voices import SIMILAR_VOICES, VOICES
from unigate_formats.gemini_generate_content.models import model_path, version_of
from unigate_formats.gemini_generate_content.options import MEDIA, with_options
from unigate_formats.gemini_generate_content.parameters import SPEECH as PARAMETERS
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.translation import Context, Handler, NativeCall, OperationResult

DEFAULT_RATE = 24_000
STYLED_SINCE = (3, 8)
EVENT_STREAM = "text/event-stream; charset=utf-8"

_RATE = re.compile(r"rate=(\d+)")


class State(msgspec.Struct, frozen=True):
    """The form of the file, and whether it is streamed in events."""

    form: str
    events: bool


def to_gemini(body: Json, context: Context) -> Sequence[NativeCall]:
    """One streamed call. Raises RequestRefused."""
    form = body.get("response_format") or "mp3"
    if form not in CONTENT_TYPES:
        raise unsupported_value("response_format", f"it must be one of {', '.join(CONTENT_TYPES)}.")
    voice, notes = _voice(body.get("voice"))
    part: Json = {"text": body["input"]}
    dropped: tuple[str, ...] = ()
    if body.get("instructions"):
        if version_of(body["model"]) >= STYLED_SINCE:
            part["speechMetadata"] = {"style": body["instructions"]}
        elif context.drop_unsupported:
            dropped = ("instructions",)
        else:
            raise unsupported_parameter("instructions", "This model takes none; put them into the input.")
    native: Json = {
        "contents": [{"role": "user", "parts": [part]}],
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}},
        },
    }
    return [
        NativeCall(
            path=f"{model_path(body['model'])}:streamGenerateContent?alt=sse",
            body=with_options(native, body.get("provider_options"), context, MEDIA),
            stream=True,
            dropped=dropped,
            notes=notes,
            state=State(form=form, events=body.get("stream_format") == "sse"),
        )
    ]


class SpeechStream(msgspec.Struct):
    """Native events → the sound file, or events with pieces of it."""

    state: State
    usage: Usage | None = None
    finish: str = ""
    content_type: str = ""
    _encoder: Encoder | None = None

    def __post_init__(self) -> None:
        """The content type is known before the first byte."""
        self.content_type = EVENT_STREAM if self.state.events else CONTENT_TYPES[self.state.form]

    def feed(self, native: Json) -> bytes:
        """The bytes of one native event. Raises GatewayError when it is an error, or no speech."""
        event = read_event(native, "speak")
        self.usage = event.usage or self.usage
        self.finish = event.finish or self.finish
        return b"".join(self._sound(part) for part in event.parts)

    def close(self) -> bytes:
        """The end of the file. Raises UpstreamTruncated when the end mark was not seen."""
        check_end(self.finish, "speak", "speech")
        if self._encoder is None:
            raise UpstreamError(
                f"Gemini made no speech ({self.finish}).", status=502, type=SERVER_ERROR, code="upstream_no_content"
            )
        rest = self._framed(self._encoder.close())
        return rest + self._done() if self.state.events else rest

    def _sound(self, part: Json) -> bytes:
        match part:
            case {"inlineData": {"data": str(data), "mimeType": str(media_type)}}:
                samples, rate = samples_of(base64.b64decode(data))
                if self._encoder is None:
                    match = _RATE.search(media_type)
                    self._encoder = encoder(self.state.form, rate or (int(match[1]) if match else DEFAULT_RATE))
                return self._framed(self._encoder.write(samples))
        return b""

    def _framed(self, data: bytes) -> bytes:
        if not data or not self.state.events:
            return data
        return sse.frame(dumps({"type": "speech.audio.delta", "audio": base64.b64encode(data).decode()}))

    def _done(self) -> bytes:
        usage = self.usage or Usage()
        tokens = {"input_tokens": usage.input, "output_tokens": usage.output, "total_tokens": usage.total}
        return sse.frame(dumps({"type": "speech.audio.done", "usage": tokens}))


def from_gemini(answers: Sequence[Json | None], state: State) -> OperationResult:
    """A whole answer: the stream of one."""
    stream = SpeechStream(state)
    data = b"".join([stream.feed(answer) for answer in answers if answer])
    return OperationResult(body=data + stream.close(), usage=stream.usage, content_type=stream.content_type)


def _voice(voice: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(voice, str):
        raise unsupported_value("voice", "custom voices can be used only at the provider that made them.")
    if voice in VOICES:
        return voice, ()
    if voice in SIMILAR_VOICES:
        return SIMILAR_VOICES[voice], (f"voice:{voice}->{SIMILAR_VOICES[voice]}",)
    raise _unknown_voice(voice)


def _unknown_voice(voice: str) -> RequestRefused:
    return invalid_value(
        "voice", f"there is no '{voice}'. There are: {', '.join(sorted(VOICES | SIMILAR_VOICES.keys()))}."
    )


SPEECH = Handler(parameters=PARAMETERS, calls=to_gemini, answer=from_gemini, stream=SpeechStream)
