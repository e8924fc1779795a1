"""Pictures, sound and vectors: real files of their formats, made from the request alone."""

import array
import base64
import hashlib
import io
import math
import random
import re
import struct
import sys
import zlib
from typing import Final

from PIL import Image

from unigate_simulator.wire import Whole

SAMPLE_RATE: Final = 24_000
SECONDS_PER_CHARACTER: Final = 0.05

_BYTES: Final = re.compile(r"\[\[bytes:(\d{1,9})\]\]")
_HEADER: Final = 33
"""Bytes of a PNG up to the end of its first chunk."""
_TONE_HZ: Final = 440
_LOUDNESS: Final = 8_000
_MEDIA_TYPES: Final = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


def picture(prompt: str, size: tuple[int, int] = (64, 64), kind: str = "png") -> bytes:
    """A one-coloured picture; the prompt decides the colour. `kind` is png, jpeg or webp.

    A prompt with `[[bytes:20000000]]` gets a PNG of at least that size, padded by a chunk that viewers skip.
    """
    digest = hashlib.sha256(prompt.encode()).digest()
    drawn = Image.new("RGB", size, (digest[0], digest[1], digest[2]))
    out = io.BytesIO()
    drawn.save(out, format=kind.upper())
    asked = _BYTES.search(prompt)
    return _padded(out.getvalue(), int(asked[1])) if asked and kind == "png" else out.getvalue()


def _padded(png: bytes, size: int) -> bytes:
    body = b"paDd" + random.Random(size).randbytes(max(0, size - len(png)))  # noqa: S311 - filling, no secret
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_HEADER] + chunk + png[_HEADER:]


def media_type(kind: str) -> str:
    return _MEDIA_TYPES.get(kind, "image/png")


def served_image() -> Whole:
    """What stands behind the `url` of an image answer."""
    return Whole(picture("url"), content_type="image/png")


def size_of(text: str | None, default: tuple[int, int] = (1024, 1024)) -> tuple[int, int]:
    """`1024x1536` → (1024, 1536); `auto` and None → the default. Raises ValueError for anything else."""
    if text in {None, "auto"}:
        return default
    width, _, height = str(text).partition("x")
    return int(width), int(height)


def seconds_of(text: str) -> float:
    return max(1, len(text)) * SECONDS_PER_CHARACTER


def tone(seconds: float, rate: int = SAMPLE_RATE) -> bytes:
    """A sine, signed 16 bit little-endian, mono."""
    total = round(seconds * rate)
    step = 2 * math.pi * _TONE_HZ / rate
    period = array.array("h", (round(_LOUDNESS * math.sin(step * number)) for number in range(rate // 20)))
    if sys.byteorder == "big":
        period.byteswap()
    block = period.tobytes()
    return (block * (total // len(period) + 1))[: total * 2]


def wav(samples: bytes, rate: int = SAMPLE_RATE, *, streamed: bool = False) -> bytes:
    """RIFF around mono 16 bit samples; streamed, the sizes are unknown and say 0xFFFFFFFF."""
    riff, data = (0xFFFFFFFF, 0xFFFFFFFF) if streamed else (36 + len(samples), len(samples))
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", data
    )
    return head + samples


def wav_seconds(content: bytes) -> float | None:
    """How long a WAV file plays; None for other files."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    position = 12
    per_second = 0
    while position + 8 <= len(content):
        name, size = content[position : position + 4], int.from_bytes(content[position + 4 : position + 8], "little")
        if name == b"fmt ":
            per_second = int.from_bytes(content[position + 16 : position + 20], "little")
        elif name == b"data":
            return min(size, len(content) - position - 8) / per_second if per_second else None
        position += 8 + size + size % 2
    return None


def embedding(text: str, dimensions: int) -> list[float]:
    """A unit vector; the same text always gets the same one, and fewer dimensions are the start of more."""
    generator = random.Random(hashlib.sha256(text.encode()).digest())  # noqa: S311 - no secret is made of it
    values = [generator.gauss(0, 1) for _ in range(dimensions)]
    length = math.sqrt(sum(value * value for value in values)) or 1.0
    return [round(value / length, 9) for value in values]


def packed(vector: list[float]) -> str:
    """The vector as base64 of 32 bit little-endian floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def decoded_size(data: str) -> int:
    """How many bytes a base64 text holds, without decoding all of it."""
    stripped = data.rstrip("=")
    return len(stripped) * 3 // 4
