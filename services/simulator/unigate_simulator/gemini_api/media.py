"""Pictures and speech as parts of a Gemini answer, https://ai.google.dev/gemini-api/docs/speech-generation"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.gemini_api.errors import refuse
from unigate_simulator.media import b64, picture, seconds_of, tone
from unigate_simulator.wire import Object

_BLOCK: Final = 24_000
"""Half a second, a whole number of samples and of base64 groups."""
_SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
}


def transcript_parts(said: str, config: Object) -> list[Object]:
    """What a transcription model writes down, with times and speakers where they are asked for.

    https://ai.google.dev/gemini-api/docs/generate-content/transcribe
    """
    asked: Object = config.get("audioTranscriptionConfig") or {}
    turn: Object = {"text": said}
    if asked.get("wordTimestamp"):
        turn["words"] = [
            {
                "word": word,
                **({"startOffset": f"{number * 0.5}s"} if number else {}),
                "endOffset": f"{number * 0.5 + 0.4}s",
            }
            for number, word in enumerate(said.split())
        ]
    if asked.get("diarization"):
        turn["speakerLabel"] = "spk_1"
    return [{"audioTranscription": turn}]


def image_parts(prompt: str, config: Object) -> list[Object]:
    ratio = (config.get("imageConfig") or {}).get("aspectRatio", "1:1")
    size = _SIZES.get(ratio)
    if size is None:
        raise refuse(f"aspect_ratio must be one of {', '.join(_SIZES)}.")
    return [{"inlineData": {"mimeType": "image/png", "data": b64(picture(prompt, size))}}]


def speech_parts(text: str) -> list[Object]:
    """Raw samples, little-endian whatever `L16` may mean elsewhere."""
    samples = tone(seconds_of(text))
    blocks = (samples[start : start + _BLOCK] for start in range(0, len(samples), _BLOCK))
    return [{"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": b64(block)}} for block in blocks]
