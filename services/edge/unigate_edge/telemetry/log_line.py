"""A record → its one line in the log. No content, no secret, and of clients' own words a short piece only."""

from __future__ import annotations

import structlog

from unigate_core.telemetry.labels import error_type
from unigate_edge.telemetry.record import RequestRecord

MAX_NAME_CHARACTERS = 128
"""Characters of a name that a client made up."""

log = structlog.get_logger("unigate.edge")


def log_request(record: RequestRecord, status: int, duration: float, trace_id: str) -> None:
    """Write the line."""
    line: dict[str, object] = {
        "request_id": record.request_id,
        "trace_id": trace_id,
        "key": record.caller,
        "method": record.method,
        "path": record.path[:MAX_NAME_CHARACTERS],
        "client_api": record.client_api,
        "operation": record.operation,
        "provider": record.provider,
        "model": record.model[:MAX_NAME_CHARACTERS],
        "status": status,
        "streamed": record.streamed,
        "phase": record.phase,
        "ms": _milliseconds(duration),
    }
    if record.attempts > 1:
        line["attempts"] = record.attempts
        line["failures"] = [f"{model[:MAX_NAME_CHARACTERS]}: {kind}" for model, kind in record.failures]
    if record.streamed and record.first_byte_at:
        line["first_token_ms"] = _milliseconds(record.first_byte_at - record.started)
    if record.summary is not None:
        line |= _of_summary(record)
    if record.cost_usd is not None:
        line["cost_usd"] = record.cost_usd
    if record.error is not None:
        line["error"] = error_type(record.error)
    log.info("request", **{name: value for name, value in line.items() if value not in ("", None)})


def _of_summary(record: RequestRecord) -> dict[str, object]:
    summary = record.summary
    if summary is None:
        return {}
    fields: dict[str, object] = {"upstream_ms": summary.timings.upstream_total_us // 1000}
    if summary.HasField("usage"):
        usage = summary.usage
        fields |= {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
        if usage.cache_read_tokens:
            fields["cache_read_tokens"] = usage.cache_read_tokens
        if usage.reasoning_tokens:
            fields["reasoning_tokens"] = usage.reasoning_tokens
    if summary.finish_reasons:
        fields["finish_reasons"] = list(summary.finish_reasons)
    return fields


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
