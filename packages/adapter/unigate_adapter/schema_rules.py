"""Requests that do not fit OpenAI's schema: who judges them.

Vendors that speak its format have types of their own beside OpenAI's, and OpenAI's own types grow.
"""

from __future__ import annotations

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.provider import Provider
from unigate_core.errors import UNKNOWN_VALUE, RequestRefused
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


def schema_rule(how: PassThrough | Handler | Translation | None) -> pb.SchemaRule.ValueType:
    """The rule of a way to serve an operation."""
    if not isinstance(how, PassThrough):
        return pb.SCHEMA_RULE_REFUSE
    return pb.SCHEMA_RULE_VENDOR if how.extended else pb.SCHEMA_RULE_NEW_VALUES


def widest_rule(provider: Provider, operation: Operation) -> pb.SchemaRule.ValueType:
    """The rule of that model of the provider's that is the least strict."""
    served = (provider.operations, *(family.operations for _, family in provider.families))
    return max(schema_rule(operations.get(operation)) for operations in served)


def check_schema_fault(fault: pb.SchemaFault, how: PassThrough | Handler | Translation | None) -> None:
    """Raises the edge's refusal, unless the vendor itself is to judge the request."""
    rule = schema_rule(how)
    if rule == pb.SCHEMA_RULE_REFUSE or (rule == pb.SCHEMA_RULE_NEW_VALUES and fault.code != UNKNOWN_VALUE):
        raise RequestRefused(fault.message, param=fault.param or None, code=fault.code or None)
