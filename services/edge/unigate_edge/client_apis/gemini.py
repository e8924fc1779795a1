"""Gemini's API. https://ai.google.dev/api"""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.client_errors.gemini import error_object
from unigate_core.json import dumps
from unigate_edge.client_apis.client_api import ClientApi, EventStream

GEMINI = ClientApi(
    name="gemini",
    client_format=pb.CLIENT_FORMAT_GEMINI_GENERATE_CONTENT,
    vendor="gemini",
    key_headers=(b"x-goog-api-key", b"authorization"),
    key_parameter="key",
    # others of Google's headers choose the project that pays, and the gateway's account is not the client's
    forwarded=(b"x-goog-api-client",),
    error=lambda error, request_id: error_object(error),
)

# Google's SDKs take a comment for the beginning of a chunk, so nothing can keep these streams alive.
CONTENT_STREAM = EventStream(error=lambda error, events: b"data: %b\n\n" % dumps(error_object(error)), ping=b"")
# An error is the last element of the array.
CONTENT_ARRAY = EventStream(error=lambda error, events: b",\r\n%b]" % dumps(error_object(error)), ping=b"")
