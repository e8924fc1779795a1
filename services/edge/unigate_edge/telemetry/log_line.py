"""An exchange → its one line in the log. No content, no secret, and of clients' own words a short piece only."""

from __future__ import annotations

import structlog

from unigate_core.telemetry.labels import error_type
from unigate_edge.http.exchange import Exchange

MOST = 128
"""Characters of a name that a client made up."""

log = structlog.get_logger("unigate.edge")


def log_request(exchange: Exchange, status: int, duration: float, trace_id: str) -> None:
    """Write the line."""
    line: dict[str, object] = {
        "request_id": exchange.request_id,
        "trace_id": trace_id,
        "key": exchange.caller,
        "method": exchange.method,
        "path": exchange.path[:MOST],
        "client_api": exchange.api.name,
        "operation": exchange.operation,
        "provider": exchange.provider,
        "model": exchange.model[:MOST],
        "status": status,
        "streamed": exchange.streamed,
        "phase": exchange.phase,
        "ms": _milliseconds(duration),
    }
    if exchange.attempts > 1:
        line["attempts"] = exchange.attempts
        line["failures"] = [f"{model[:MOST]}: {kind}" for model, kind in exchange.failures]
    if exchange.streamed and exchange.first_byte_at:
        line["first_token_ms"] = _milliseconds(exchange.first_byte_at - exchange.started)
    if exchange.summary is not None:
        line |= _of_summary(exchange)
    if exchange.cost_usd is not None:
        line["cost_usd"] = exchange.cost_usd
    if exchange.error is not None:
        line["error"] = error_type(exchange.error)
    log.info("request", **{name: value for name, value in line.items() if value not in ("", None)})


def _of_summary(exchange: Exchange) -> dict[str, object]:
    summary = exchange.summary
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
