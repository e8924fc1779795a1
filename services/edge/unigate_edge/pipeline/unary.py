"""A whole answer: one unary call, one HTTP response."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.cost.checked import checked
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import JSON, Exchange, head_headers
from unigate_edge.pipeline.alternatives import unsupported_operation_error
from unigate_edge.pipeline.answer_state import StateSink, persist_answer_state
from unigate_edge.upstream.cancellation import CancelOnDisconnect


async def proxy_unary(
    gateway: Gateway, exchange: Exchange, request: pb.InvokeRequest, sink: StateSink | None = None
) -> None:
    """Call the adapter and pass its answer on; `sink` remembers what it leaves behind.

    Raises GatewayError, ClientDisconnected.
    """
    exchange.record.phase = "wait"
    client = await gateway.connected(exchange)
    seconds = gateway.time_left(exchange, gateway.config.timeouts.whole)
    call = client.invoke(request, seconds, gateway.telemetry.metadata(exchange.record))
    with CancelOnDisconnect(call, exchange):
        answer = await call
    await write_response(gateway, exchange, answer, sink)


async def write_response(
    gateway: Gateway, exchange: Exchange, answer: pb.InvokeResponse, sink: StateSink | None = None
) -> None:
    """Write an adapter's whole answer as the response. Raises GatewayError for the vendor's error."""
    record = exchange.record
    record.summary = checked(answer.summary)
    if answer.summary.HasField("keep"):
        await persist_answer_state(gateway, record, answer.summary.keep, sink)
    headers = head_headers(answer.head, record.provider)
    if answer.WhichOneof("result") == "error":
        exchange.upstream_headers = headers
        raise await unsupported_operation_error(gateway.registry, record, answer.error)
    await gateway.metering.settle(exchange)
    content_type = answer.content_type.encode() or JSON
    record.phase = "answer"
    await exchange.answer(answer.status or 200, answer.body, content_type, headers)
    record.phase = "done"
