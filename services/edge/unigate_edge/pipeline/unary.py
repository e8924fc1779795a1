"""A whole answer: one unary call, one HTTP response."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.cost.checked import checked
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import JSON, Exchange, head_headers
from unigate_edge.pipeline.alternatives import told
from unigate_edge.pipeline.answer_state import remember
from unigate_edge.upstream.cancellation import tied_to_client


async def answer_whole(gateway: Gateway, exchange: Exchange, request: pb.InvokeRequest) -> None:
    """Call the adapter and pass its answer on. Raises GatewayError, ClientGone."""
    exchange.phase = "wait"
    client = await gateway.connected(exchange)
    seconds = gateway.time_left(exchange, gateway.config.timeouts.whole)
    call = client.invoke(request, seconds, gateway.telemetry.metadata(exchange))
    with tied_to_client(call, exchange):
        answer = await call
    await pass_on(gateway, exchange, answer)


async def pass_on(gateway: Gateway, exchange: Exchange, answer: pb.InvokeResponse) -> None:
    """Write an adapter's whole answer as the response. Raises GatewayError for the vendor's error."""
    exchange.summary = checked(answer.summary)
    if answer.summary.HasField("keep"):
        await remember(gateway, exchange, answer.summary.keep)
    headers = head_headers(answer.head, exchange.provider)
    if answer.WhichOneof("result") == "error":
        exchange.said = headers
        raise await told(gateway.catalogue, exchange, answer.error)
    await gateway.traffic.settle(exchange)
    content_type = answer.content_type.encode() or JSON
    exchange.phase = "answer"
    await exchange.answer(answer.status or 200, answer.body, content_type, headers)
    exchange.phase = "done"
