"""OpenAI's API. https://platform.openai.com/docs/api-reference"""

from __future__ import annotations

from unigate_core.errors import GatewayError
from unigate_core.json import dumps
from unigate_edge.client_apis.client_api import ClientApi, EventStream
from unigate_edge.client_apis.codex import failed_stream

OPENAI = ClientApi(
    name="openai",
    key_headers=(b"authorization", b"x-api-key", b"api-key"),
    error=lambda error, request_id: error.to_openai(),
)


def responses_error(error: GatewayError, events: int) -> bytes:
    """An error inside a stream. https://platform.openai.com/docs/api-reference/responses-streaming/error"""
    event = {
        "type": "error",
        "code": error.code,
        "message": error.message,
        "param": error.param,
        "sequence_number": events,
    }
    return b"event: error\ndata: %b\n\n" % dumps(event)


def response_in_progress(data: bytes) -> bytes:
    """The event that says that a response is being made, empty without one. Repeated, it keeps a silent stream alive
    for clients that count data only, such as Codex CLI; the SDKs ignore it."""
    start = data.find(b"event: response.in_progress\n")
    end = data.find(b"\n\n", start)
    return data[start : end + 2] if 0 <= start < end else b""


# Errors are data, without [DONE] after them. Streams of images and transcripts have the same form.
CHAT_STREAM = EventStream(error=lambda error, events: b"data: %b\n\n" % dumps(error.to_openai()))
RESPONSES_STREAM = EventStream(
    error=responses_error, numbered=True, repeatable=response_in_progress, unstarted=failed_stream
)
