"""`POST /audio/transcriptions`, `/audio/translations`, `/audio/speech`, https://platform.openai.com/docs/api-reference/audio"""

from collections.abc import Iterator
from typing import Final

from unigate_simulator import sound
from unigate_simulator.media import b64, seconds_of, tone, wav_seconds
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import checked
from unigate_simulator.wire import Call, Object, Reply, Stream, Upload, Whole, count, dumps, pieces, sse, whole

_VOICES: Final = frozenset(
    ("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse")
)
_FORMATS: Final = ("json", "text", "srt", "vtt", "verbose_json", "diarized_json")
_BLOCK: Final = 4096
_TOKENS_PER_SECOND: Final = 10


def speak(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    text, voice, kind = body.get("input"), body.get("voice"), body.get("response_format") or "mp3"
    if not text:
        raise refuse("[{'type': 'missing', 'loc': ('body', 'input'), 'msg': 'Field required'}]")
    if len(text) > 4096:
        raise refuse("Input should have at most 4096 characters", param="input", code="string_above_max_length")
    if not (isinstance(voice, dict) or voice in _VOICES):
        raise refuse(f"Input should be one of {sorted(_VOICES)}", param="voice", code="invalid_value")
    if kind not in sound.MEDIA_TYPES:
        raise refuse(
            f"Input should be one of {sorted(sound.MEDIA_TYPES)}", param="response_format", code="invalid_value"
        )
    content = sound.encoded(tone(seconds_of(text) / float(body.get("speed") or 1)), kind)
    blocks = [content[start : start + _BLOCK] for start in range(0, len(content), _BLOCK)]
    if body.get("stream_format") != "sse":
        return Stream(tuple(blocks), content_type=sound.MEDIA_TYPES[kind])
    if model.startswith("tts-1"):
        raise refuse(
            "stream_format 'sse' is not supported for this model", param="stream_format", code="unsupported_value"
        )
    return Stream(tuple(_speech_events(blocks, text)))


def _speech_events(blocks: list[bytes], text: str) -> Iterator[bytes]:
    for block in blocks:
        yield sse(dumps({"type": "speech.audio.delta", "audio": b64(block)}))
    given, made = count(text), max(1, round(seconds_of(text) * _TOKENS_PER_SECOND))
    usage = {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}
    yield sse(dumps({"type": "speech.audio.done", "usage": usage}))


def transcribe(call: Call) -> Reply:
    return _spoken(call, "transcribe")


def translate(call: Call) -> Reply:
    return _spoken(call, "translate")


def _spoken(call: Call, task: str) -> Reply:
    body = call.json()
    model = checked(body)
    upload = next((one for one in call.uploads if one.name == "file"), None)
    if upload is None:
        raise refuse("[{'type': 'missing', 'loc': ('body', 'file'), 'msg': 'Field required'}]", param="file")
    if not upload.content:
        raise refuse(
            "The audio file could not be decoded or its format is not supported.", param="file", code="invalid_value"
        )
    form = body.get("response_format") or "json"
    if form not in _FORMATS or (not model.startswith("whisper") and form in {"srt", "vtt", "verbose_json"}):
        message = f"response_format '{form}' is not compatible with model '{model}'. Use 'json' or 'text' instead."
        raise refuse(message, param="response_format", code="unsupported_value")
    transcript = _Transcript(upload, call, model, task)
    if str(body.get("stream")).lower() == "true" and not model.startswith("whisper"):
        return Stream(tuple(transcript.events()))
    match form:
        case "text":
            return Whole(f"{transcript.text}\n".encode(), content_type="text/plain; charset=utf-8")
        case "srt" | "vtt":
            return Whole(transcript.subtitles(form).encode(), content_type="text/plain; charset=utf-8")
        case "verbose_json":
            return whole(transcript.verbose())
    return whole(transcript.diarized() if form == "diarized_json" or "diarize" in model else transcript.plain())


class _Transcript:
    """What is "heard" in a file: its name, type and size."""

    def __init__(self, upload: Upload, call: Call, model: str, task: str) -> None:
        self._body = call.json()
        self._granularities = {value for name, value in call.fields if name.startswith("timestamp_granularities")}
        self._whisper = model.startswith("whisper")
        self._diarize = "diarize" in model
        self._task = task
        self.seconds = wav_seconds(upload.content) or 1.0
        name = upload.filename or "the file"
        self.text = f"This is {name}, {upload.content_type}, {len(upload.content)} bytes."

    def _usage(self) -> Object:
        if self._whisper:
            return {"type": "duration", "seconds": max(1, round(self.seconds))}
        transcript, written = max(1, round(self.seconds * _TOKENS_PER_SECOND)), count(self.text)
        return {
            "type": "tokens",
            "total_tokens": transcript + written,
            "input_tokens": transcript,
            "input_token_details": {"text_tokens": 0, "audio_tokens": transcript},
            "output_tokens": written,
        }

    def plain(self) -> Object:
        return {"text": self.text, "usage": self._usage()} if self._task == "transcribe" else {"text": self.text}

    def diarized(self) -> Object:
        return {
            "text": self.text,
            "task": self._task,
            "duration": self.seconds,
            "segments": [self._speaker_segment()],
            "usage": self._usage(),
        }

    def _speaker_segment(self) -> Object:
        about: Object = {"speaker": "A", "start": 0.0, "end": self.seconds, "id": "seg_0"}
        return {"type": "transcript.text.segment", "text": f" {self.text}", **about}

    def verbose(self) -> Object:
        answer: Object = {
            "task": self._task,
            "language": self._body.get("language") or "english",
            "duration": self.seconds,
            "text": self.text,
        }
        words: Object = {"words": self._words()} if "word" in self._granularities else {}
        if words and "segment" not in self._granularities:
            return {**answer, **words, "usage": self._usage()}
        segment = {"id": 0, "seek": 0, "start": 0.0, "end": self.seconds, "text": f" {self.text}", "tokens": [50364]}
        scores = {"temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.0, "no_speech_prob": 0.01}
        return {**answer, **words, "segments": [segment | scores], "usage": self._usage()}

    def _words(self) -> list[Object]:
        words = self.text.split()
        each = self.seconds / len(words)
        return [
            {"word": word, "start": round(number * each, 3), "end": round((number + 1) * each, 3)}
            for number, word in enumerate(words)
        ]

    def subtitles(self, form: str) -> str:
        mark = "," if form == "srt" else "."
        whole_seconds, thousandths = divmod(round(self.seconds * 1000), 1000)
        minutes, seconds = divmod(whole_seconds, 60)
        end = f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}{mark}{thousandths:03}"
        lines = f"00:00:00{mark}000 --> {end}\n{self.text}\n\n"
        return f"1\n{lines}" if form == "srt" else f"WEBVTT\n\n{lines}"

    def events(self) -> Iterator[bytes]:
        if self._diarize:
            yield sse(dumps(self._speaker_segment()))
        else:
            for piece in pieces(self.text):
                yield sse(dumps({"type": "transcript.text.delta", "delta": piece}))
        yield sse(dumps({"type": "transcript.text.done", "text": self.text, "usage": self._usage()}))
        yield sse(b"[DONE]")
