"""Times and speakers of a transcript from a model that knows none: it writes down what it hears as structured output.

The times are what the model believes, as the note says: `transcription_times_estimated`.
"""

from __future__ import annotations

from typing import Any

from unigate_core.errors import UpstreamProtocol
from unigate_core.json import Json, loads_object

_PIECE = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "start": {"type": "number", "description": "Seconds from the beginning of the audio."},
        "end": {"type": "number", "description": "Seconds from the beginning of the audio."},
        "speaker": {"type": "string"},
    },
    "required": ["text", "start", "end"],
}
_SCHEMA = {"type": "object", "properties": {"pieces": {"type": "array", "items": _PIECE}}, "required": ["pieces"]}


def emulated_config() -> Json:
    """The part of the request that asks for the form."""
    return {"responseMimeType": "application/json", "responseJsonSchema": _SCHEMA}


def times_instruction(*, words: bool) -> str:
    """The instruction what to write down: every word, or phrases as subtitles have them."""
    unit = "every single word" if words else "every phrase of at most ten words"
    return (
        f"Transcribe the provided audio. Write down {unit} with the seconds at which it begins and ends, in order, and "
        "with a name for its speaker where there are several."
    )


def with_times(answer: Json) -> Json:
    """The answer as a model of transcriptions would have given it. Raises UpstreamProtocol when it has no times."""
    candidates = answer.get("candidates")
    if not isinstance(candidates, list) or not candidates or "error" in answer:
        return answer
    parts = (candidates[0].get("content") or {}).get("parts") or []
    text = "".join(part["text"] for part in parts if isinstance(part.get("text"), str) and not part.get("thought"))
    if not text:
        return answer
    try:
        pieces = loads_object(text)["pieces"]
        words = [_word(piece) for piece in pieces]
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamProtocol("The model wrote no times into its transcript.") from error
    spoken = " ".join(word["word"] for word in words)
    turn = {"audioTranscription": {"text": spoken, "words": words}}
    content = {"role": "model", "parts": [turn]}
    return {**answer, "candidates": [{**candidates[0], "content": content}, *candidates[1:]]}


def _word(piece: Any) -> Json:
    start = max(0.0, float(piece["start"]))
    return {
        "word": str(piece["text"]).strip(),
        "startOffset": f"{start}s",
        "endOffset": f"{max(start, float(piece['end']))}s",
        "speakerLabel": str(piece.get("speaker") or ""),
    }
