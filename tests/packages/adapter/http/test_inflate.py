"""Compressed answers, in all the ways in which servers write them."""

from __future__ import annotations

import gzip
import zlib

import pytest

from unigate_adapter.http.inflate import Inflater
from unigate_core.errors import UpstreamProtocol

TEXT = b"all of it " * 1000


def raw(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


def inflated(data: bytes, step: int) -> bytes:
    inflater, out = Inflater(), b""
    for start in range(0, len(data), step):
        inflater.feed(data[start : start + step])
        while piece := inflater.take():
            out += piece
    inflater.close()
    return out


@pytest.mark.parametrize("step", [7, 100, 10**6])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (gzip.compress(TEXT), TEXT),
        (zlib.compress(TEXT), TEXT),
        (raw(TEXT), TEXT),
        (gzip.compress(TEXT) + gzip.compress(b"more"), TEXT + b"more"),
        (gzip.compress(TEXT) + bytes(20), TEXT),
    ],
    ids=["gzip", "zlib", "raw", "two members", "padded"],
)
def test_every_form_is_read_however_it_is_cut(data: bytes, expected: bytes, step: int) -> None:
    assert inflated(data, step) == expected


@pytest.mark.parametrize(
    "data", [b"plain text", gzip.compress(TEXT)[:-9], b"\x1f\x8bnot"], ids=["text", "cut", "other"]
)
def test_what_is_not_compressed_as_it_says_is_refused(data: bytes) -> None:
    with pytest.raises(UpstreamProtocol):
        inflated(data, 10**6)
