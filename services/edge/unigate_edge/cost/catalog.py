"""prices.json → the price of a model by its name. The file is made from genai-prices: `python -m tools.prices`.

A name is matched as the library does it: a provider's models are tried in their order, then those of the providers
that it resells. https://github.com/pydantic/genai-prices
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from unigate_core.json import Raw

Rate = float | list[float | tuple[int, float]] | None
"""Dollars, or the base and then pairs of a prompt's size and the rate for all tokens of a larger one."""


class Rates(msgspec.Struct, frozen=True):
    """Dollars. What has no rate of its own is billed as the input or output that it is a part of."""

    input_per_million: Rate = None
    output_per_million: Rate = None
    cache_read_per_million: Rate = None
    cache_write_per_million: Rate = None
    reasoning_per_million: Rate = None
    input_audio_per_million: Rate = None
    output_audio_per_million: Rate = None
    input_image_per_million: Rate = None
    output_image_per_million: Rate = None
    audio_per_hour: Rate = None


class Price(msgspec.Struct, frozen=True):
    """Rates, and since when or between which hours of the day they hold, in UTC."""

    rates: Rates
    since: date | None = None
    between: tuple[time, time] | None = None

    def holds(self, day: date, hour: time) -> bool:
        """Tell whether the rates hold at a time in UTC."""
        if self.since is not None:
            return day >= self.since
        if self.between is None:
            return True
        start, end = self.between
        return start <= hour < end if start <= end else hour >= start or hour < end


class Model(msgspec.Struct, frozen=True):
    """A model, how its names are recognised, and its prices, the last that holds being the one."""

    id: str
    match: dict[str, Any]
    prices: list[Price]


class Provider(msgspec.Struct, frozen=True):
    """A provider's models, and the providers whose models it offers too."""

    others: list[str]
    models: list[Model]


_CLAUSES: dict[str, Callable[[str, Any], bool]] = {
    "equals": lambda name, text: name == text,
    "starts_with": lambda name, text: name.startswith(text),
    "ends_with": lambda name, text: name.endswith(text),
    "contains": lambda name, text: text in name,
    "regex": lambda name, text: re.search(text, name) is not None,
    "or": lambda name, parts: any(_matches(name, part) for part in parts),
    "and": lambda name, parts: all(_matches(name, part) for part in parts),
}


def find(provider: str, model: str) -> Model | None:
    """The model that the library knows by this name; None: no price is known. Slow, for the answer is to be kept."""
    known = _provider(provider)
    if known is None:
        return None
    name = model.lower()
    return _among(known, name) or next(
        (found for other in map(_provider, known.others) if other and (found := _among(other, name))), None
    )


def _among(provider: Provider, name: str) -> Model | None:
    return next((model for model in provider.models if _matches(name, model.match)), None)


def _matches(name: str, clause: dict[str, Any]) -> bool:
    ((kind, operand),) = clause.items()
    return _CLAUSES[kind](name, operand)


@cache
def _provider(name: str) -> Provider | None:
    """One provider, read when it is first asked for; the others stay text."""
    raw = _table().get(name)
    return msgspec.json.decode(raw, type=Provider) if raw is not None else None


@cache
def _table() -> dict[str, Raw]:
    text = files("unigate_edge.cost").joinpath("prices.json").read_bytes()
    return msgspec.json.decode(text, type=dict[str, Raw])
