"""A record → its one line in the log. No content, no secret, and of clients' own words a short piece only."""

from __future__ import annotations

from collections.abc import Sequence

from unigate_core.telemetry.labels import error_type
from unigate_core.telemetry.logs import Line, get_logger, log_line
from unigate_edge.telemetry.record import RequestRecord

MAX_NAME_CHARACTERS = 128
"""Characters of a name that a client made up."""

log = get_logger("unigate.edge")


class RequestLine(Line, kw_only=True):
    """A request. Times are milliseconds; members without a value are left out."""

    request_id: str
    trace_id: str = ""
    key: str = ""
    method: str
    path: str
    client_api: str = ""
    operation: str = ""
    provider: str = ""
    model: str = ""
    status: int
    streamed: bool
    phase: str
    ms: float
    attempts: int = 0
    failures: Sequence[str] = ()
    first_token_ms: float | None = None
    upstream_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    reasoning_tokens: int = 0
    finish_reasons: Sequence[str] = ()
    cost_usd: float | None = None
    error: str = ""


def log_request(record: RequestRecord, status: int, duration: float, trace_id: str) -> None:
    """Write the line."""
    line = RequestLine(
        event="request",
        request_id=record.request_id,
        trace_id=trace_id,
        key=record.caller,
        method=record.method,
        path=record.path[:MAX_NAME_CHARACTERS],
        client_api=record.client_api,
        operation=record.operation,
        provider=record.provider,
        model=record.model[:MAX_NAME_CHARACTERS],
        status=status,
        streamed=record.streamed,
        phase=record.phase,
        ms=_milliseconds(duration),
        cost_usd=record.cost_usd,
    )
    if record.attempts > 1:
        line.attempts = record.attempts
        line.failures = [f"{model[:MAX_NAME_CHARACTERS]}: {kind}" for model, kind in record.failures]
    if record.streamed and record.first_byte_at:
        line.first_token_ms = _milliseconds(record.first_byte_at - record.started)
    summary = record.summary
    if summary is not None:
        line.upstream_ms = summary.timings.upstream_total_us // 1000
        line.finish_reasons = tuple(summary.finish_reasons)
        if summary.HasField("usage"):
            usage = summary.usage
            line.input_tokens, line.output_tokens = usage.input_tokens, usage.output_tokens
            line.cache_read_tokens, line.reasoning_tokens = usage.cache_read_tokens, usage.reasoning_tokens
    if record.error is not None:
        line.error = error_type(record.error)
    log_line(log, line)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
