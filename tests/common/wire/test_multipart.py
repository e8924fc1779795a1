"""Multipart bodies are read, or passed on with one field renamed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_common.errors import RequestRefused
from unigate_common.provider import FormFile
from unigate_common.wire.multipart import ModelRename, read_form

TYPE = 'multipart/form-data; boundary="b-1"'


def part(head: str, body: bytes) -> bytes:
    return f"--b-1\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n"


FILE = part('name="file"; filename="model.wav"', b'RIFF name="model"\r\n\r\n--b-2')
MODEL = part('name="model"', b"openai/whisper-1")
FORM = FILE + MODEL + part('name="t[]"', b"word") + part('name="t[]"', b"segment") + b"--b-1--\r\n"


async def chunks(data: bytes, size: int = 5) -> AsyncIterator[bytes]:
    for i in range(0, len(data), size):
        yield data[i : i + size]


@given(st.lists(st.integers(0, len(FORM)), max_size=10))
def test_only_the_model_field_is_changed_however_the_body_is_cut(cuts: list[int]) -> None:
    rename = ModelRename(TYPE, "w")
    edges = [0, *sorted(cuts), len(FORM)]
    out = b"".join(rename.feed(FORM[a:b]) for a, b in pairwise(edges)) + rename.close()
    assert out == FORM.replace(b"openai/whisper-1", b"w")


async def test_fields_files_and_lists_are_read() -> None:
    form = await read_form(TYPE, chunks(FORM))
    assert form["model"] == "openai/whisper-1"
    assert form["t"] == ["word", "segment"]
    assert form["file"] == [FormFile("model.wav", "application/octet-stream", b'RIFF name="model"\r\n\r\n--b-2')]


@pytest.mark.parametrize("body", [FORM[:-10], b"nonsense", b""])
async def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(RequestRefused) as refused:
        await read_form(TYPE, chunks(body))
    assert refused.value.code == "invalid_multipart"


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/json", "multipart/form-data; boundary="])
async def test_a_wrong_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(RequestRefused):
        await read_form(content_type, chunks(FORM))


@given(st.integers(0, len(FORM) - 3))
def test_a_body_without_its_closing_boundary_is_never_passed_on_as_whole(end: int) -> None:
    rename = ModelRename(TYPE, "w")
    rename.feed(FORM[:end])
    with pytest.raises(RequestRefused):
        rename.close()
