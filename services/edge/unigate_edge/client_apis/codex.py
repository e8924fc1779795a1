"""Codex CLI, a client of the Responses API that recovers from some errors only when a stream reports them.

Of an HTTP status it shows the body and gives up. Of `response.failed` it compacts its history when the context is too
long, and waits when a limit is reached and the message says for how long.
https://github.com/openai/codex
"""

from __future__ import annotations

import math
from typing import Final

from unigate_core.errors import GatewayError
from unigate_core.ids import response_id
from unigate_core.json import dumps
from unigate_edge.client_apis.client_api import RequestHeaders
from unigate_edge.telemetry.record import RequestRecord

# Codex takes its name from the program that it is part of: codex_cli_rs, codex_exec, codex_vscode.
ORIGINATOR: Final = b"originator"
RECOVERABLE: Final = frozenset({"context_length_exceeded", "rate_limit_exceeded"})


def failed_stream(error: GatewayError, headers: RequestHeaders, record: RequestRecord) -> bytes:
    """All events of a stream in place of an HTTP status or an `error` event, empty where those are right."""
    if error.code not in RECOVERABLE or not headers.get(ORIGINATOR, b"").startswith(b"codex"):
        return b""
    message = error.message
    if error.retry_after and "try again in" not in message.lower():
        message = f"{message} Please try again in {math.ceil(error.retry_after)}s."
    response = {
        "id": response_id(record.provider),
        "object": "response",
        "created_at": record.created,
        "status": "failed",
        "error": {"code": error.code, "message": message},
        "incomplete_details": None,
        "model": f"{record.provider}/{record.model}",
        "output": [],
        "usage": None,
    }
    event = {"type": "response.failed", "response": response, "sequence_number": 0}
    return b"event: response.failed\ndata: %b\n\n" % dumps(event)
