"""What the connection's protocol relies on in uvicorn and httptools. Fails when another version lacks it."""

from __future__ import annotations

import inspect

import httptools
import pytest
from uvicorn import Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


def test_the_methods_that_are_replaced_are_there() -> None:
    for name in (
        "connection_made", "connection_lost", "data_received", "on_message_begin", "on_url", "on_header",
        "on_headers_complete", "on_body", "on_message_complete", "on_response_complete", "pause_writing",
        "resume_writing", "_start_asgi_task",
    ):  # fmt: skip
        assert inspect.isfunction(getattr(HttpToolsProtocol, name)), name
    for name in ("startup", "on_tick", "capture_signals"):
        assert callable(getattr(Server, name)), name


def test_a_cycle_is_made_from_these() -> None:
    assert set(inspect.signature(RequestResponseCycle).parameters) == {
        "scope", "transport", "flow", "logger", "access_logger", "access_log", "default_headers", "message_event",
        "expect_100_continue", "keep_alive", "on_response",
    }  # fmt: skip


def test_an_exception_of_a_callback_is_the_context_of_the_parsers() -> None:
    class Callbacks:
        def on_url(self, url: bytes) -> None:
            raise KeyError(url)

    parser = httptools.HttpRequestParser(Callbacks())
    with pytest.raises(httptools.HttpParserCallbackError) as caught:
        parser.feed_data(b"GET /x HTTP/1.1\r\n\r\n")
    assert isinstance(caught.value.__context__, KeyError)
