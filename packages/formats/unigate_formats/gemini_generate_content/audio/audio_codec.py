"""PCM samples → the sound file a client asked for, piece by piece as they come."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import Any, Protocol

import av
from av.audio.resampler import AudioResampler

LONGEST_SECONDS = 3 * 3600
UNKNOWN_LENGTH = 0xFFFFFFFF
"""The length in a WAV header while it is unknown how much will follow."""

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
_FILES: dict[str, tuple[str, str, dict[str, str]]] = {
    "mp3": ("mp3", "libmp3lame", {"write_xing": "0", "id3v2_version": "0"}),
    "opus": ("ogg", "libopus", {}),
    "aac": ("adts", "aac", {}),
    "flac": ("flac", "flac", {}),
}
"""Form → FFmpeg's container, codec and options. The output cannot be sought, so nothing may be filled in afterwards."""


class Encoder(Protocol):
    """Takes mono samples, 16 bits, little-endian; gives the bytes of the file."""

    def write(self, samples: bytes) -> bytes:
        """The bytes that these samples complete."""

    def close(self) -> bytes:
        """What is left."""


class Plain:
    """The samples as they are, behind a header."""

    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def write(self, samples: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + samples

    def close(self) -> bytes:
        header, self._header = self._header, b""
        return header


class _Sink:
    """A file that is only written; FFmpeg sees that it cannot seek."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces = []
        return data


class Compressed:
    """A file made by FFmpeg. https://pyav.basswood-io.com"""

    def __init__(self, form: str, rate: int) -> None:
        container, codec, options = _FILES[form]
        self._sink = _Sink()
        self._rate = rate
        self._container = av.open(self._sink, "w", format=container, options=options)
        self._stream: Any = self._container.add_stream(codec, rate=rate, layout="mono")
        self._stream.codec_context.open()
        context: Any = self._stream.codec_context
        self._resampler = AudioResampler(context.format, "mono", rate, context.frame_size or None)
        self._position = 0
        self._odd = b""

    def write(self, samples: bytes) -> bytes:
        samples = self._odd + samples
        whole = len(samples) & ~1
        self._odd = samples[whole:]
        if whole:
            self._encode(self._resampler.resample(self._frame(samples[:whole])))
        return self._sink.take()

    def close(self) -> bytes:
        self._encode(self._resampler.resample(None))
        self._encode([None])
        self._container.close()
        return self._sink.take()

    def _frame(self, samples: bytes) -> av.AudioFrame:
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
        frame.planes[0].update(samples + bytes(frame.planes[0].buffer_size - len(samples)))
        frame.sample_rate = self._rate
        frame.pts = self._position
        self._position += frame.samples
        return frame

    def _encode(self, frames: Iterable[Any]) -> None:
        for frame in frames:
            self._container.mux(self._stream.encode(frame))


def encoder(form: str, rate: int) -> Encoder:
    """The encoder of one of CONTENT_TYPES."""
    if form == "pcm":
        return Plain()
    if form == "wav":
        return Plain(wav_header(rate))
    return Compressed(form, rate)


def wav_header(rate: int) -> bytes:
    """44 bytes: mono, 16 bits, of unknown length."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", UNKNOWN_LENGTH, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", UNKNOWN_LENGTH,
    )  # fmt: skip


def samples_of(data: bytes) -> tuple[bytes, int | None]:
    """The samples of a piece of sound, and their rate where it is a WAV file, whose header goes."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return data, None
    rate, at = None, 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name == b"fmt " and at + 16 <= len(data):
            rate = struct.unpack_from("<I", data, at + 12)[0]
        if name == b"data":
            return data[at + 8 : at + 8 + length], rate
        at += 8 + length + length % 2
    return b"", rate


def duration_of(data: bytes) -> float:
    """The length of a sound file in seconds according to its header, 0 when it has none."""
    try:
        container: Any = av.open(io.BytesIO(data))
        with container:
            length = container.duration
    except av.FFmpegError:
        return 0.0
    # WAV files of unknown length pretend to last for hours.
    return round(length / av.time_base, 2) if length and length / av.time_base < LONGEST_SECONDS else 0.0
