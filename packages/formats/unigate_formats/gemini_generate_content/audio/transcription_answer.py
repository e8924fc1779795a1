"""A generateContent answer → OpenAI's transcript in any of its forms, whole or as events.

https://ai.google.dev/gemini-api/docs/generate-content/transcribe
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from unigate_core import sse
from unigate_core.errors import SERVER_ERROR, UpstreamError
from unigate_core.json import Json, dumps
from unigate_formats.gemini_generate_content.audio.emulated_times import with_times
from unigate_formats.gemini_generate_content.audio.recording import check_end, read_event
from unigate_formats.gemini_generate_content.audio.transcripts import (
    Word,
    diarized_segments,
    segments_of,
    srt,
    verbose_segments,
    verbose_words,
    vtt,
)
from unigate_formats.gemini_generate_content.decode_finish import REASONS
from unigate_formats.neutral.events import Usage
from unigate_formats.neutral.translation import OperationResult

TOKENS_PER_SECOND = 32
EVENT_STREAM = "text/event-stream; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
VTT = "text/vtt; charset=utf-8"


class State(msgspec.Struct, frozen=True):
    """What the answer needs to know of the request. `seconds` is 0 when the file does not say. `emulated`: a general
    model was asked to write the times down."""

    form: str
    granularities: tuple[str, ...] = ()
    language: str = ""
    temperature: float = 0
    seconds: float = 0
    events: bool = False
    emulated: bool = False


def from_gemini(answers: Sequence[Json | None], state: State) -> OperationResult:
    """The transcript in the form that was asked for."""
    stream = TranscriptStream(state)
    given = [with_times(answer) if state.emulated else answer for answer in answers if answer]
    data = b"".join([stream.feed(answer) for answer in given])
    # A whole answer is complete, whether it says so or not.
    stream.finish = stream.finish or "STOP"
    data += stream.close()
    if state.events:
        return OperationResult(body=data, usage=stream.usage, content_type=EVENT_STREAM)
    body, content_type = _transcript(stream, state)
    return OperationResult(body=body, usage=stream.usage, content_type=content_type)


class TranscriptStream(msgspec.Struct):
    """Native events → transcript.text.delta and .done. Remembers the words for the forms that need them."""

    state: State
    usage: Usage | None = None
    content_type: str = EVENT_STREAM
    words: list[Word] = msgspec.field(default_factory=list)
    finish: str = ""
    _pieces: list[str] = msgspec.field(default_factory=list)

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._pieces)

    def feed(self, native: Json) -> bytes:
        """The events of one native event. Raises GatewayError when it is an error, or no transcript."""
        event = read_event(native, "transcribe")
        self.usage = event.usage or self.usage
        self.finish = event.finish or self.finish
        return b"".join([self._delta(text) for part in event.parts if (text := self._transcribed(part))])

    def close(self) -> bytes:
        """The whole text once more, and the end. Raises UpstreamTruncated when the end mark was not seen."""
        check_end(self.finish, "transcribe", "transcript")
        if self.finish not in REASONS and not self._pieces:
            raise UpstreamError(
                f"Gemini made no transcript ({self.finish}).", status=502, type=SERVER_ERROR, code="upstream_no_content"
            )
        done: Json = {"type": "transcript.text.done", "text": self.text}
        if self.usage:
            done["usage"] = self.tokens()
        return sse.frame(dumps(done)) + sse.DONE

    def tokens(self) -> Json:
        """OpenAI's usage of a transcript."""
        usage = self.usage or Usage()
        return {
            "type": "tokens",
            "input_tokens": usage.input,
            "input_token_details": {
                "text_tokens": usage.input - usage.input_audio,
                "audio_tokens": usage.input_audio,
            },
            "output_tokens": usage.output,
            "total_tokens": usage.total,
        }

    def seconds(self) -> float:
        """How long the sound is: as its file says, else as its tokens do."""
        return self.state.seconds or round((self.usage or Usage()).input_audio / TOKENS_PER_SECOND, 2)

    def _transcribed(self, part: Json) -> str:
        match part:
            case {"audioTranscription": dict(turn)}:
                self.words += _words(turn)
                text = turn.get("text") or ""
                # Every part is the whole turn of a speaker, without space around it.
                return f" {text}" if text and self._pieces else text
            case {"text": str(text)} if not part.get("thought"):
                return text
        return ""

    def _delta(self, text: str) -> bytes:
        self._pieces.append(text)
        return sse.frame(dumps({"type": "transcript.text.delta", "delta": text}))


def _transcript(stream: TranscriptStream, state: State) -> tuple[bytes, str]:
    segments = segments_of(stream.words)
    match state.form:
        case "text":
            return f"{stream.text}\n".encode(), TEXT
        case "srt":
            return srt(segments).encode(), TEXT
        case "vtt":
            return vtt(segments).encode(), VTT
        case "verbose_json":
            whole: Json = {
                "task": "transcribe",
                "language": state.language,
                "duration": stream.seconds(),
                "text": stream.text,
            }
            if "word" in state.granularities:
                whole["words"] = verbose_words(stream.words)
            if "segment" in state.granularities or not state.granularities:
                whole["segments"] = verbose_segments(segments, state.temperature)
        case "diarized_json":
            whole = {
                "task": "transcribe",
                "duration": stream.seconds(),
                "text": stream.text,
                "segments": diarized_segments(segments),
            }
        case _:
            whole = {"text": stream.text}
    if stream.usage:
        whole["usage"] = stream.tokens()
    return dumps(whole), ""


def _words(turn: Json) -> list[Word]:
    speaker = turn.get("speakerLabel") or ""
    return [
        Word(
            text=word.get("word", ""),
            start=_offset(word.get("startOffset")),
            end=_offset(word.get("endOffset")),
            speaker=word.get("speakerLabel") or speaker,
        )
        for word in turn.get("words") or []
    ]


def _offset(value: Any) -> float:
    """Seconds of a duration like `1.250s`; absent is the beginning."""
    try:
        return float(str(value).removesuffix("s")) if value is not None else 0.0
    except ValueError:
        return 0.0
