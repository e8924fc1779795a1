"""What another vendor is asked for, and what is reported, when a client speaks Gemini's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from unigate_core.json import Json
from unigate_formats.gemini_generate_content.decode_request import decode_request
from unigate_formats.neutral.request import ChatRequest

USER = {"role": "user", "parts": [{"text": "q"}]}


@pytest.fixture
def decoded() -> Callable[..., ChatRequest]:
    """Decode a request: its contents and any further member."""

    def run(*contents: Json, drop_unsupported: bool = True, **more: Any) -> ChatRequest:
        body = {"contents": list(contents) or [USER], **more}
        return decode_request(body, "m", lambda token: None, stream=False, drop_unsupported=drop_unsupported)

    return run


@pytest.mark.parametrize(("kind", "bare"), [("text/x.enum", True), ("application/json", False)])
def test_an_enumeration_is_answered_without_quotes(decoded: Callable[..., ChatRequest], kind: str, bare: bool) -> None:
    schema = {"type": "STRING", "enum": ["Percussion", "Brass"]}
    form = decoded(generationConfig={"responseMimeType": kind, "responseSchema": schema}).response_format
    assert form is not None
    assert (form.bare, form.schema) == (bare, {"type": "string", "enum": ["Percussion", "Brass"]})
