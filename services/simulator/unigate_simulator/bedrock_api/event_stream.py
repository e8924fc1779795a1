"""Frames of `application/vnd.amazon.eventstream`: lengths, headers, payload, and two checksums.

https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream
"""

import struct
import zlib
from typing import Final

from unigate_simulator.wire import Json, dumps

CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"
_STRING: Final = 7
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def event(kind: str, payload: dict[str, Json]) -> bytes:
    """An event of a type. Its padding `p` hides how long the text is, as the vendor's does."""
    padding = _ALPHABET[: 3 + len(dumps(payload)) * 7 % 40]
    return _frame({":event-type": kind, ":message-type": "event"}, {**payload, "p": padding})


def exception(kind: str, message: str) -> bytes:
    """An exception, which ends the stream."""
    return _frame({":exception-type": kind, ":message-type": "exception"}, {"message": message})


def _frame(headers: dict[str, str], payload: dict[str, Json]) -> bytes:
    head = b"".join(map(_header, headers, headers.values())) + _header(":content-type", "application/json")
    body = dumps(payload)
    prelude = struct.pack(">II", 16 + len(head) + len(body), len(head))
    whole = prelude + struct.pack(">I", zlib.crc32(prelude)) + head + body
    return whole + struct.pack(">I", zlib.crc32(whole))


def _header(name: str, value: str) -> bytes:
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
