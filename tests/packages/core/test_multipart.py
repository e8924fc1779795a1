"""Multipart bodies are read, or passed on with one field renamed."""

from __future__ import annotations

import email
from collections.abc import AsyncIterator, Sequence
from email.policy import HTTP
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unigate_core.errors import RequestRefused
from unigate_core.form_reader import FormFile, check_form, read_form
from unigate_core.multipart import FormParser, FormRewriter, FormScan

TYPE = 'multipart/form-data; boundary="b-1"'


def part(head: str, body: bytes) -> bytes:
    return f"--b-1\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n"


FILE = part('name="file"; filename="model.wav"', b'RIFF name="model"\r\n\r\n--b-2')
MODEL = part('name="model"', b"openai/whisper-1")
FORM = FILE + MODEL + part('name="include[]"', b"word") + part('name="include[]"', b"segment") + b"--b-1--\r\n"


async def chunks(data: bytes, size: int = 5) -> AsyncIterator[bytes]:
    for i in range(0, len(data), size):
        yield data[i : i + size]


def independent(body: bytes) -> list[tuple[str, str | None, bytes]]:
    """Name, file name and content of each part, by the standard library's parser of mail."""
    head = b"content-type: multipart/form-data; boundary=secret\r\n\r\n"
    message: Any = email.message_from_bytes(head + body, policy=HTTP)
    return [
        (each.get_param("name", header="content-disposition"), each.get_filename(), each.get_payload(decode=True))
        for each in message.iter_parts()
    ]


def rewritten(body: bytes, model: str = "w", cuts: Sequence[int] = ()) -> bytes:
    rewriter = FormRewriter(TYPE, model, "secret")
    edges = [0, *sorted(cut for cut in cuts if cut <= len(body)), len(body)]
    return b"".join(rewriter.feed(body[a:b]) for a, b in pairwise(edges)) + rewriter.close()


def expected(body: bytes) -> bytes:
    """A form without traps, as it must be written."""
    renamed = body.replace(b"openai/whisper-1", b"w")
    return renamed.replace(b"\r\n--b-1", b"\r\n--secret").replace(b"--b-1", b"--secret", 1)


@given(st.lists(st.integers(0, len(FORM)), max_size=10))
def test_only_the_model_field_is_changed_however_the_body_is_cut(cuts: list[int]) -> None:
    assert rewritten(FORM, cuts=cuts) == expected(FORM)


NAMES = st.sampled_from(["model", "Model", "model[]", "file", "prompt", "image", "image[]", "include[]", "n"])
DISPOSITIONS = st.sampled_from(['name="{}"', "name={}", 'name="x"; name="{}"', 'name="{}"; filename="a.wav"',
                                'NAME="{}"', 'name="{}"; filename*=a', 'name*=model; name="{}"'])  # fmt: skip
CONTENTS = st.lists(
    st.sampled_from([b"openai/cheap", b"\r\n", b"--b-1", b"\n--b-1\r\n", b"\r\n--b-", b"--b-1--", b"\r", b"-", b"x",
                     b'Content-Disposition: form-data; name="model"\r\n\r\nopenai/dear']),
    max_size=6,
).map(b"".join)  # fmt: skip
FORMS = st.lists(st.tuples(NAMES, DISPOSITIONS, CONTENTS), min_size=1, max_size=5).map(
    lambda parts: b"".join(part(how.format(name), body) for name, how, body in parts) + b"--b-1--\r\nepilogue"
)


@given(FORMS, st.lists(st.integers(0, 400), max_size=6))
def test_the_vendor_reads_the_model_that_was_allowed_and_no_other(body: bytes, cuts: list[int]) -> None:
    scan = FormScan(TYPE, "model")
    try:
        scan.feed(body)
        sent = rewritten(body, "allowed", cuts)
    except RequestRefused:
        return
    parts = independent(sent)
    models = [content for name, file, content in parts if name.casefold().removesuffix("[]") == "model" and not file]
    assert len(models) <= 1
    if scan.found is not None:
        assert models == [b"allowed"]
    assert len(parts) == len(scanned(body))


def scanned(body: bytes) -> list[str]:
    names: list[str] = []
    parser = FormParser(TYPE, begin=lambda each: names.append(each.name), data=lambda _: None, end=lambda: None)
    parser.feed(body)
    return names


@given(st.binary(max_size=300).filter(lambda data: b"--b-1" not in data), st.lists(st.integers(0, 400), max_size=6))
def test_a_file_passes_byte_for_byte(content: bytes, cuts: list[int]) -> None:
    body = part('name="file"; filename="a"', content) + MODEL + b"--b-1--"
    assert b"\r\n\r\n" + content + b"\r\n--secret\r\n" in rewritten(body, cuts=cuts)


def test_a_boundary_within_a_line_is_content() -> None:
    content = b'xx--b-1\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1'
    body = part('name="file"; filename="a"', content) + MODEL + b"--b-1--\r\n"
    assert independent(rewritten(body)) == [("file", "a", content), ("model", None, b"w")]


@pytest.mark.parametrize("second", ["model", "Model", "model[]", "MODEL[]"])
def test_a_second_model_is_refused(second: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        rewritten(MODEL + part(f'name="{second}"', b"gpt-4o") + b"--b-1--\r\n")
    assert refused.value.code == "duplicate_parameter"


@pytest.mark.parametrize(
    "head",
    [
        'name="a"\r\nContent-Disposition: form-data; name="model"',
        'name="a"\r\nContent-Transfer-Encoding: base64',
        "filename=a",
        'name=""',
        'name="a\x01"',
    ],
)
def test_a_part_that_could_be_read_in_two_ways_is_refused(head: str) -> None:
    with pytest.raises(RequestRefused):
        rewritten(part(head, b"x") + b"--b-1--\r\n")


def test_the_number_of_parts_is_bounded() -> None:
    with pytest.raises(RequestRefused):
        rewritten(part('name="image[]"', b"x") * 1000 + b"--b-1--\r\n")


def test_a_scan_reads_all_fields_before_the_first_file() -> None:
    scan = FormScan(TYPE, "model")
    scan.feed(MODEL + part('name="n"', b"3"))
    assert not scan.done
    scan.feed(FILE)
    assert (scan.done, scan.fields) == (True, {"model": "openai/whisper-1", "n": "3"})


async def test_fields_files_and_lists_are_read() -> None:
    form = await read_form(TYPE, chunks(FORM))
    assert form["model"] == "openai/whisper-1"
    assert form["include"] == ["word", "segment"]
    assert form["file"] == [FormFile("model.wav", "application/octet-stream", b'RIFF name="model"\r\n\r\n--b-2')]


@pytest.mark.parametrize("name", ["keywords[]", "languages", "something_new[]"])
async def test_arrays_may_stand_there_several_times(name: str) -> None:
    body = MODEL + part(f'name="{name}"', b"a") + part(f'name="{name}"', b"b") + b"--b-1--\r\n"
    rewritten(body)
    form = await read_form(TYPE, chunks(body))
    assert form[name.removesuffix("[]")] == ["a", "b"]


@pytest.mark.parametrize(
    ("first", "second"), [("size", "size[]"), ("size", "size"), ("n[]", "n[]"), ("prompt[]", "prompt[]")]
)
async def test_other_fields_may_not(first: str, second: str) -> None:
    body = part(f'name="{first}"', b"1") + part(f'name="{second}"', b"2") + b"--b-1--\r\n"
    with pytest.raises(RequestRefused) as refused:
        await read_form(TYPE, chunks(body))
    assert refused.value.code == "duplicate_parameter"


async def test_a_text_and_a_file_of_one_field_are_both_read() -> None:
    body = part('name="image"', b"x") + part('name="image"; filename="a.png"', b"y") + b"--b-1--\r\n"
    form = await read_form(TYPE, chunks(body))
    assert form["image"] == ["x", FormFile("a.png", "application/octet-stream", b"y")]


@pytest.mark.parametrize("head", ['name="size[]"', 'name="prompt"; filename="a"', 'name="file[]"'])
async def test_a_text_cannot_be_an_array_or_a_file(head: str) -> None:
    form = await read_form(TYPE, chunks(part(head, b"x") + b"--b-1--\r\n"))
    with pytest.raises(RequestRefused) as refused:
        check_form(form)
    assert refused.value.code == "invalid_type"


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
    rewriter = FormRewriter(TYPE, "w", "secret")
    rewriter.feed(FORM[:end])
    with pytest.raises(RequestRefused):
        rewriter.close()
