"""A provider's record and its list of models → the contract's capabilities."""

from __future__ import annotations

from collections.abc import Iterator

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.adapter import Adapter
from unigate_adapter.calls.envelope import OPERATION_NUMBERS, model_message, parameter_messages
from unigate_adapter.provider import Provider
from unigate_adapter.schema_rules import widest_rule
from unigate_formats.client_formats import CLIENT_FORMATS
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.parameters import Parameters
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


async def capabilities(adapter: Adapter, *, refresh: bool) -> pb.GetCapabilitiesResponse:
    """What the provider serves, and its models."""
    models = await adapter.models.all(refresh=refresh)
    return pb.GetCapabilitiesResponse(
        provider=adapter.provider.name,
        operations=list(_operations(adapter.provider)),
        models=[model_message(model) for model in models],
        models_complete=adapter.models.complete,
        credentials_present=adapter.authenticator.available,
        model_prefixes=adapter.provider.model_prefixes,
    )


def parameter_tables(provider: Provider) -> Iterator[tuple[Operation, Parameters]]:
    """The parameter table of each operation that has one, bridged ones included."""
    operations = operations_of(provider)
    for operation, how in operations.items():
        if isinstance(how, Translation):
            for served_operation, client_format in CLIENT_FORMATS.items():
                if client_format.parameters and (served_operation is operation or served_operation not in operations):
                    yield served_operation, client_format.parameters(how.parameters)
        elif how.parameters:
            yield operation, how.parameters
    bridge = provider.chat_translation
    for operation, client_format in CLIENT_FORMATS.items():
        served = operations.get(operation) is not None or isinstance(operations.get(Operation.CHAT), Translation)
        if not served and bridge is not None and client_format.parameters:
            yield operation, client_format.parameters(bridge.parameters)


def operations_of(provider: Provider) -> dict[Operation, Translation | PassThrough | Handler]:
    """What any of the provider's models can be asked for; its own way of serving goes before those of its families."""
    operations: dict[Operation, Translation | PassThrough | Handler] = {}
    for _, family in reversed(provider.families):
        operations |= family.operations
    if provider.chat_translation is not None:
        operations = {operation: how for operation, how in operations.items() if operation not in CLIENT_FORMATS}
    return operations | dict(provider.operations)


def _operations(provider: Provider) -> Iterator[pb.OperationCapability]:
    tables = dict(parameter_tables(provider))
    operations = operations_of(provider)
    for operation in sorted({*operations, *tables}, key=lambda item: OPERATION_NUMBERS[item]):
        how = operations.get(operation)
        yield pb.OperationCapability(
            operation=OPERATION_NUMBERS[operation],
            streaming=not isinstance(how, Handler) or how.stream is not None,
            mode=_mode(how),
            parameters=parameter_messages(tables.get(operation, {})),
            schema_rule=widest_rule(provider, operation),
        )


def _mode(how: Translation | PassThrough | Handler | None) -> pb.Mode.ValueType:
    if how is None:
        return pb.MODE_BRIDGED
    return pb.MODE_PASSED_THROUGH if isinstance(how, PassThrough) else pb.MODE_TRANSLATED
