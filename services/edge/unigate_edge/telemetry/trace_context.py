"""The trace context that a client sends, as far as it may go on. https://www.w3.org/TR/trace-context/"""

from __future__ import annotations

import re
from typing import Final

_TRACEPARENT: Final = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]{1,64})?")
_TRACESTATE: Final = re.compile(rb"[\x20-\x7e]{1,512}")


def valid_context(traceparent: bytes, tracestate: bytes | None) -> tuple[bytes | None, bytes | None]:
    """Both headers, None for what is not valid: gRPC refuses metadata that is not printable ASCII or too long."""
    if _TRACEPARENT.fullmatch(traceparent) is None:
        return None, None
    state = tracestate.replace(b"\t", b" ") if tracestate is not None else b""
    return traceparent, state if _TRACESTATE.fullmatch(state) else None


def trace_id_of(traceparent: bytes | None) -> str:
    """The trace's id, 32 hexadecimal digits; empty where there is none."""
    match = _TRACEPARENT.fullmatch(traceparent or b"")
    return match[1].decode() if match is not None else ""
