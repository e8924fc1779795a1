"""The contract's operations by the names that metrics, logs and the list of models show: `chat`, `audio_speech`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from unigate.provider.v1 import provider_pb2 as pb

_PREFIX = "OPERATION_"

OPERATION_NAMES: Mapping[pb.Operation.ValueType, str] = MappingProxyType(
    {number: pb.Operation.Name(number).removeprefix(_PREFIX).lower() for number in pb.Operation.values()}
)


def operation_number(name: str) -> pb.Operation.ValueType:
    """The operation of a name. Raises ValueError when there is none."""
    return pb.Operation.Value(f"{_PREFIX}{name.upper()}")
