"""A provider is a value: a backend, and how each operation is served there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from unigate_adapter.backend import Backend
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider. `name` stands before its models' names; `telemetry_name` is the value of gen_ai.provider.name."""

    name: str
    telemetry_name: str
    backend: Backend
    operations: Mapping[Operation, Translation | PassThrough | Handler]
