"""What every call of an adapter says, whatever it is for."""

from __future__ import annotations

from typing import Any

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.authentication import Caller, client_credential
from unigate_edge.gateway import Gateway
from unigate_edge.http.exchange import Exchange
from unigate_edge.http.unsupported_params import should_drop
from unigate_edge.routing.router import Target


def new_call(
    gateway: Gateway,
    exchange: Exchange,
    caller: Caller,
    operation: pb.Operation.ValueType,
    target: Target,
    **members: Any,
) -> pb.Call:
    """The call of a target's adapter, with the members that only some operations have. Raises GatewayError."""
    config, record = gateway.config, exchange.record
    return pb.Call(
        request_id=record.request_id,
        operation=operation,
        model=target.model,
        drop_unsupported=should_drop(exchange.headers, config, caller.key, target.provider),
        created=record.created,
        tenant=caller.tenant,
        client_credential=client_credential(exchange.headers, allowed=config.allow_client_credentials),
        **members,
    )
