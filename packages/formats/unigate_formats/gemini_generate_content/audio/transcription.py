"""OpenAI's transcriptions ⇄ generateContent. https://ai.google.dev/gemini-api/docs/generate-content/transcribe

Transcription models know words, times and speakers; general models are told to write down what they hear.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from unigate_core.errors import RequestRefused, invalid_value, unsupported_parameter, unsupported_value
from unigate_core.form_reader import FormFile
from unigate_core.json import Json
from unigate_core.media_types import sniff
from unigate_formats.gemini_generate_content.audio.audio_codec import duration_of
from unigate_formats.gemini_generate_content.audio.emulated_times import emulated_config, times_instruction
from unigate_formats.gemini_generate_content.audio.transcription_answer import State, TranscriptStream, from_gemini
from unigate_formats.gemini_generate_content.encode_media import inline_data
from unigate_formats.gemini_generate_content.models import model_path
from unigate_formats.gemini_generate_content.parameters import TRANSCRIPTIONS as PARAMETERS
from unigate_formats.neutral.translation import Context, Handler, NativeCall

INSTRUCTION = "Transcribe the provided audio and respond with only the transcript text."
PLAIN_FORMS = ("json", "text")
TIMED_FORMS = ("srt", "vtt", "verbose_json", "diarized_json")
MAX_KEYWORDS = 1000


def to_gemini(body: Json, context: Context) -> Sequence[NativeCall]:
    """One call. Raises RequestRefused."""
    form = body.get("response_format") or "json"
    if form not in PLAIN_FORMS + TIMED_FORMS:
        raise unsupported_value("response_format", f"it must be one of {', '.join(PLAIN_FORMS + TIMED_FORMS)}.")
    specialised = "-transcribe" in body["model"]
    file = _file(body)
    words = "word" in _list(body, "timestamp_granularities")
    emulated = not specialised and (form in TIMED_FORMS or words)
    body, dropped = _supported(body, specialised=specialised, drop_unsupported=context.drop_unsupported)
    config = _timed_config(body, form) if specialised else emulated_config() if emulated else {}
    temperature = _temperature(body)
    if temperature is not None:
        config["temperature"] = temperature
    parts = [inline_data(sniff(file.data) or file.content_type, base64.b64encode(file.data).decode())]
    if not specialised:
        parts.insert(0, {"text": _instruction(body, times=times_instruction(words=words) if emulated else "")})
    native: Json = {"contents": [{"role": "user", "parts": parts}]}
    events = body.get("stream") in (True, "true")
    streamed = events and not specialised and not emulated
    languages = _languages(body)
    return [
        NativeCall(
            path=f"{model_path(body['model'])}:{'streamGenerateContent?alt=sse' if streamed else 'generateContent'}",
            body=native | ({"generationConfig": config} if config else {}),
            stream=streamed,
            dropped=dropped,
            notes=(
                *(("transcription_placeholders",) if form == "verbose_json" else ()),
                *(("transcription_times_estimated",) if emulated else ()),
            ),
            state=State(
                form=form,
                granularities=tuple(_list(body, "timestamp_granularities")),
                language=languages[0] if languages else "",
                temperature=temperature or 0,
                seconds=duration_of(file.data) if form in TIMED_FORMS else 0,
                events=events,
                emulated=emulated,
            ),
        )
    ]


def _supported(body: Json, *, specialised: bool, drop_unsupported: bool) -> tuple[Json, tuple[str, ...]]:
    """The form without what the model cannot take, and the paths of that. Raises RequestRefused instead if not to."""
    keywords, dropped = _list(body, "keywords"), []
    if len(keywords) > MAX_KEYWORDS:
        if not drop_unsupported:
            raise invalid_value("keywords", f"it can have at most {MAX_KEYWORDS} items.")
        body = body | {"keywords": keywords[:MAX_KEYWORDS]}
        dropped.append(f"keywords[{MAX_KEYWORDS}:]")
    if specialised and body.get("prompt"):
        if not drop_unsupported:
            raise unsupported_parameter("prompt", "This model takes no instructions; use 'keywords' instead.")
        body = {name: value for name, value in body.items() if name != "prompt"}
        dropped.append("prompt")
    return body, tuple(dropped)


def _timed_config(body: Json, form: str) -> Json:
    config: Json = {}
    if languages := _languages(body):
        config["languageCodes"] = languages
    if keywords := _list(body, "keywords"):
        config["customVocabulary"] = keywords
    if form in TIMED_FORMS or _list(body, "timestamp_granularities"):
        config["wordTimestamp"] = True
    if form == "diarized_json":
        config["diarization"] = True
    return {"audioTranscriptionConfig": config} if config else {}


def _instruction(body: Json, *, times: str = "") -> str:
    """The instruction for a general model; `times` where it has to write them down, too."""
    sentences = [times or INSTRUCTION]
    if keywords := _list(body, "keywords"):
        sentences.append(f"These words may occur: {', '.join(keywords)}.")
    if languages := _languages(body):
        sentences.append(f"The language is {' or '.join(languages)}.")
    if body.get("prompt"):
        sentences.append(str(body["prompt"]))
    return " ".join(sentences)


def _file(body: Json) -> FormFile:
    files = body.get("file")
    file = files[0] if isinstance(files, list) and files else None
    if not isinstance(file, FormFile):
        raise RequestRefused("Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
    return file


def _languages(body: Json) -> list[str]:
    return _list(body, "languages") or ([str(body["language"])] if body.get("language") else [])


def _list(body: Json, name: str) -> list[str]:
    """A repeated field of a form, which is a string when it stands there once."""
    value: Any = body.get(name)
    if not value:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _temperature(body: Json) -> float | None:
    value = body.get("temperature")
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise RequestRefused(
            "Invalid type for 'temperature': expected a number.", param="temperature", code="invalid_type"
        ) from error


TRANSCRIPTIONS = Handler(parameters=PARAMETERS, calls=to_gemini, answer=from_gemini, stream=TranscriptStream)
