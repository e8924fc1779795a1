"""PCM → the audio formats that a speech API offers, through FFmpeg where a codec is needed."""

import io
from collections.abc import Mapping
from typing import Final

import av

from unigate_simulator.media import SAMPLE_RATE, wav

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_CODECS: Final[Mapping[str, tuple[str, str, str]]] = {
    "mp3": ("mp3", "libmp3lame", "s16p"),
    "opus": ("ogg", "libopus", "s16"),
    "aac": ("adts", "aac", "fltp"),
    "flac": ("flac", "flac", "s16"),
}


def encoded(samples: bytes, kind: str) -> bytes:
    """Mono 16 bit samples at 24 kHz in the format named; WAV as OpenAI streams it, without sizes."""
    if kind == "pcm":
        return samples
    if kind == "wav":
        return wav(samples, streamed=True)
    container, codec, layout = _CODECS[kind]
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=SAMPLE_RATE, layout="mono")
        if not isinstance(stream, av.AudioStream):
            raise TypeError(f"{codec} is no audio codec")
        for frame in _frames(samples, layout, stream.frame_size):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()


def _frames(samples: bytes, layout: str, size: int) -> list[av.AudioFrame]:
    """The samples in the layout and the frame size that the codec takes."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples)
    frame.sample_rate = SAMPLE_RATE
    resampler = av.AudioResampler(format=layout, layout="mono", rate=SAMPLE_RATE, frame_size=size or None)
    return [*resampler.resample(frame), *resampler.resample(None)]
