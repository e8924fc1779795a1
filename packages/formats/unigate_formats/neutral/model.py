"""A model as its vendor describes it, and how a vendor lists its models."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from unigate_core.json import Json
from unigate_formats.neutral.operation import Operation


class ModelInfo(msgspec.Struct, frozen=True):
    """One model as the vendor lists it. Token counts are 0 when unknown; `features` are words such as `effort:high`,
    `thinking:adaptive`, `structured_outputs`; `created` epoch seconds or 0; `shutdown_date` YYYY-MM-DD or empty."""

    id: str
    display_name: str = ""
    created: int = 0
    owned_by: str = ""
    context_window: int = 0
    max_output_tokens: int = 0
    operations: tuple[Operation, ...] = ()
    input_modalities: tuple[str, ...] = ()
    output_modalities: tuple[str, ...] = ()
    features: frozenset[str] = frozenset()
    shutdown_date: str = ""
    object: bytes = b""


class ModelListing(msgspec.Struct, frozen=True):
    """How the vendor lists its models. `parse` gives the models of one page and the path of the next, or None.

    Where `static` models are given, the vendor is not asked.
    """

    path: str
    parse: Callable[[Json], tuple[Sequence[ModelInfo], str | None]]
    overlay: Callable[[ModelInfo], ModelInfo] = lambda model: model
    static: Sequence[ModelInfo] = ()
