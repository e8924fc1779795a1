"""Images, documents and sound."""

from __future__ import annotations

import base64
from typing import Any

import pytest

DATA = base64.b64encode(b"\x89PNG\r\n").decode()


def ask(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


def image(url: str, **more: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def file(**members: str) -> dict[str, Any]:
    return {"type": "file", "file": members}


def blocks(call: Any) -> Any:
    return call.body["messages"][0]["content"]


def test_an_image_url_is_left_to_the_vendor(translate: Any) -> None:
    call = translate(messages=ask(image("https://example.com/a.png")))
    assert blocks(call) == [{"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}}]


def test_a_data_url_is_taken_apart(translate: Any) -> None:
    call = translate(messages=ask(image(f"data:image/png;base64,{DATA}")))
    assert blocks(call) == [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": DATA}}]


def test_the_detail_is_dropped_and_reported(translate: Any) -> None:
    call = translate(messages=ask(image("https://example.com/a.png", detail="low")))
    assert call.dropped == ("messages[0].content[0].image_url.detail",)


def test_an_automatic_detail_is_not_reported(translate: Any) -> None:
    assert translate(messages=ask(image("https://example.com/a.png", detail="auto"))).dropped == ()


def test_an_unreadable_image_format_is_refused(refuse: Any) -> None:
    error = refuse(messages=ask(image(f"data:image/bmp;base64,{DATA}")))
    assert (error.param, error.code) == ("messages[0].content[0].image_url.url", "invalid_image_format")


def test_a_pdf_is_a_document_with_its_name(translate: Any) -> None:
    call = translate(messages=ask(file(file_data=f"data:application/pdf;base64,{DATA}", filename="a.pdf")))
    source = {"type": "base64", "media_type": "application/pdf", "data": DATA}
    assert blocks(call) == [{"type": "document", "source": source, "title": "a.pdf"}]


def test_a_text_file_is_a_document_of_its_text(translate: Any) -> None:
    data = base64.b64encode("Grüße".encode()).decode()
    call = translate(messages=ask(file(file_data=f"data:text/plain;base64,{data}")))
    source = {"type": "text", "media_type": "text/plain", "data": "Grüße"}
    assert blocks(call) == [{"type": "document", "source": source}]


def test_a_text_file_that_is_no_text_is_refused(refuse: Any) -> None:
    data = base64.b64encode(b"\xff\xfe\xff").decode()
    assert refuse(messages=ask(file(file_data=f"data:text/plain;base64,{data}"))).code == "invalid_value"


@pytest.mark.parametrize("media_type", ["application/zip", "audio/mpeg"])
def test_other_files_are_refused_where_they_stand(refuse: Any, media_type: str) -> None:
    error = refuse(messages=ask(file(file_data=f"data:{media_type};base64,{DATA}")))
    assert (error.param, error.code) == ("messages[0].content[0]", "unsupported_value")


def test_an_uploaded_file_is_refused(refuse: Any) -> None:
    assert refuse(messages=ask(file(file_id="file-abc"))).param == "messages[0].content[0]"


def test_sound_is_refused(refuse: Any) -> None:
    part = {"type": "input_audio", "input_audio": {"data": DATA, "format": "wav"}}
    assert refuse(messages=ask(part)).param == "messages[0].content[0]"
