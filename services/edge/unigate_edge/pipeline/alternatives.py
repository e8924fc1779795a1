"""The error of an operation that a provider lacks → one that names the providers which have it."""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import GatewayError
from unigate_core.operations import operation_number
from unigate_edge.errors import of_answer
from unigate_edge.telemetry.record import RequestRecord
from unigate_edge.upstream.registry import ModelRegistry

UNSUPPORTED = "unsupported_endpoint"


async def unsupported_operation_error(registry: ModelRegistry, record: RequestRecord, error: pb.Error) -> GatewayError:
    """The adapter's typed error as the client gets it."""
    if error.code != UNSUPPORTED or error.origin != pb.ORIGIN_REQUEST:
        return of_answer(error)
    others = [name for name in await registry.serving(operation_number(record.operation)) if name != record.provider]
    refusal = of_answer(error)
    refusal.message += f" Providers that have it here: {', '.join(others)}." if others else " No provider here has it."
    return refusal
