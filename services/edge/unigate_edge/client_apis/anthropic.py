"""Anthropic's API. https://docs.anthropic.com/en/api/overview"""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.client_errors.anthropic import error_event, error_object
from unigate_edge.client_apis.client_api import ClientApi, EventStream

ANTHROPIC = ClientApi(
    name="anthropic",
    client_format=pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES,
    vendor="anthropic",
    key_headers=(b"x-api-key", b"authorization"),
    forwarded=(b"anthropic-",),
    error=error_object,
    request_id_header=b"request-id",
    session_header=b"x-claude-code-session-id",
)

MESSAGES_STREAM = EventStream(
    error=lambda error, events: error_event(error), ping=b'event: ping\ndata: {"type": "ping"}\n\n'
)
