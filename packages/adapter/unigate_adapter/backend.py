"""A backend: where a format's requests go, as whom, in which frames, and how its errors look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from unigate_adapter.authentication.authenticator import AuthenticatorFactory
from unigate_adapter.framing import FrameDecoder
from unigate_core.errors import GatewayError
from unigate_core.sse import EventDecoder
from unigate_formats.neutral.model import ModelListing


class ErrorReader(Protocol):
    """A vendor's error answer to ours."""

    def __call__(self, status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
        """`headers` are lower-case; `client_key` says whether the key was the client's own."""


class Backend(msgspec.Struct, frozen=True, kw_only=True):
    """One place at which models are hosted.

    `base_url` as the vendor's own SDK takes it; `version` is the path segment that is added when it has none.
    `base_url_is_final`: it was made from the environment's setting already, which is not read again.
    `key_variable` and `base_url_variable` name the environment's settings. `authentication` signs requests.
    `errors` turns an error answer into ours. `frames` makes the decoder of a streamed answer. `rate_limits` turns the
    vendor's headers into OpenAI's.
    `request_id_header` names the header in which the vendor reports its own id of the call.
    `stream_type` begins the content type of a streamed answer. `native_errors`: its error bodies are those of the
    format's own API, so that a client of that API can read them.
    """

    base_url: str
    version: str
    key_variable: str
    base_url_variable: str
    authentication: AuthenticatorFactory
    errors: ErrorReader
    models: ModelListing
    frames: Callable[[], FrameDecoder] = EventDecoder
    request_id_header: str = ""
    stream_type: str = "text/event-stream"
    base_url_is_final: bool = False
    native_errors: bool = True
    rate_limits: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda headers: {}
