"""Anthropic's API. https://docs.anthropic.com/en/api/overview"""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.client_errors.anthropic import error_event, error_object
from unigate_core.errors import GatewayError
from unigate_edge.client_apis.client_api import ClientApi


def stream_error(error: GatewayError, _events: int) -> bytes:
    """An error inside a stream."""
    return error_event(error)


ANTHROPIC = ClientApi(
    name="anthropic",
    client_format=pb.CLIENT_FORMAT_ANTHROPIC_MESSAGES,
    vendor="anthropic",
    key_headers=(b"x-api-key", b"authorization"),
    forwarded=(b"anthropic-",),
    error=error_object,
    ping=b'event: ping\ndata: {"type": "ping"}\n\n',
    request_id_header=b"request-id",
    session_header=b"x-claude-code-session-id",
)
