"""What an answer costs: its usage times the rates of its model."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from fnmatch import translate
from typing import Any

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.config.model import Config
from unigate_edge.config.prices import RateOverride
from unigate_edge.cost.catalog import Model, Price, Rate, Rates, find

NANO = 1_000_000_000
"""Costs are whole nanodollars, so that they add up exactly on every machine."""
NO_RATES = Rates()
MAX_REMEMBERED = 2048
"""Names whose price is remembered; a client can make up more."""

_OTHER_NAMES = {"gemini": "google"}
_PARTS = (
    ("cache_read_tokens", "cache_read_per_million", True),
    ("cache_write_tokens", "cache_write_per_million", True),
    ("input_audio_tokens", "input_audio_per_million", True),
    ("input_image_tokens", "input_image_per_million", True),
    ("reasoning_tokens", "reasoning_per_million", False),
    ("output_audio_tokens", "output_audio_per_million", False),
    ("output_image_tokens", "output_image_per_million", False),
)
"""Of input or else of output: parts with a rate of their own are taken out of the whole."""


class Prices:
    """The prices of all models: the operator's own first, then the library's."""

    def __init__(self, config: Config, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._own = [(re.compile(translate(glob)), _own(glob, rates)) for glob, rates in config.prices.items()]
        self._names = {name: provider.prices_of for name, provider in config.providers.items()}
        self._now = now
        self._known: dict[tuple[str, str], Model | None] = {}

    def find(self, provider: str, model: str) -> Model | None:
        """A model's prices; None: they are not known. The id of what is found is one of a bounded set."""
        key = (provider, model)
        if key not in self._known:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = self._look_up(provider, model)
        return self._known[key]

    def rates(self, provider: str, model: str) -> Rates | None:
        """The rates that hold now; None: there are none in units that are counted."""
        found = self.find(provider, model)
        if found is None or not found.prices:
            return None
        if len(found.prices) == 1:
            return found.prices[0].rates
        now = self._now()
        day, hour = now.date(), now.time()
        holding = (price.rates for price in reversed(found.prices) if price.holds(day, hour))
        return next(holding, found.prices[0].rates)

    def cost(self, provider: str, model: str, usage: pb.Usage) -> int | None:
        """What the usage costs, in nanodollars; None where no price is known."""
        rates = self.rates(provider, model)
        return cost(rates, usage) if rates is not None else None

    def saved(self, provider: str, model: str, usage: pb.Usage) -> int:
        """What the usage would cost more if nothing had come from the vendor's cache, in nanodollars."""
        rates = self.rates(provider, model)
        if rates is None:
            return 0
        fresh = pb.Usage()
        fresh.CopyFrom(usage)
        fresh.cache_read_tokens = 0
        return max(0, cost(rates, fresh) - cost(rates, usage))

    def listed(self, provider: str, model: str) -> dict[str, Any]:
        """The rates as the list of models shows them, empty when they are not known."""
        rates = self.rates(provider, model)
        members = msgspec.structs.asdict(rates) if rates is not None else {}
        return {name: _shown(rate) for name, rate in members.items() if rate is not None}

    def _look_up(self, provider: str, model: str) -> Model | None:
        found = self._of_name(provider, model)
        # what is priced in units that are not counted here has no price
        return found if found is not None and any(price.rates != NO_RATES for price in found.prices) else None

    def _of_name(self, provider: str, model: str) -> Model | None:
        name = f"{provider}/{model}"
        for pattern, own in self._own:
            if pattern.match(name):
                return own
        return find(self._names.get(provider) or _OTHER_NAMES.get(provider, provider), model)


def cost(rates: Rates, usage: pb.Usage) -> int:
    """What the usage costs, in nanodollars."""
    prompt = usage.input_tokens
    output = usage.output_tokens
    micro = 0.0
    for count, name, is_input in _PARTS:
        own: Rate = getattr(rates, name)
        if own is not None and (part := getattr(usage, count)):
            micro += part * _rate(own, usage.input_tokens)
            if is_input:
                prompt -= part
            else:
                output -= part
    micro += max(prompt, 0) * _rate(rates.input_per_million, usage.input_tokens)
    micro += max(output, 0) * _rate(rates.output_per_million, usage.input_tokens)
    if rates.audio_per_hour is not None:
        micro += usage.audio_seconds / 3600 * _rate(rates.audio_per_hour, usage.input_tokens) * 1_000_000
    return round(micro * 1000)


def _rate(rate: Rate, prompt: int) -> float:
    """The rate for a request with this many input tokens."""
    if not isinstance(rate, list):
        return rate or 0.0
    found = 0.0
    for step in rate:
        if not isinstance(step, tuple):
            found = step
        elif prompt > step[0]:
            found = step[1]
    return found


def _shown(rate: Rate) -> Any:
    if not isinstance(rate, list):
        return rate
    return [step if not isinstance(step, tuple) else {"above_input_tokens": step[0], "rate": step[1]} for step in rate]


def _own(glob: str, rates: RateOverride) -> Model:
    return Model(id=glob, match={}, prices=[Price(Rates(**rates.model_dump()))])
