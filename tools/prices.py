"""genai-prices -> services/edge/unigate_edge/cost/prices.json: what the edge needs of the library's data, and no more.

Importing the library takes over a second and 40 MB, a look-up in it most of a millisecond: too much for a process that
answers requests, so it is asked here, once per release of it. `--check` writes nothing and fails when the file is old.
"""

import json
import sys
from datetime import UTC, date, datetime, time
from typing import Any

from genai_prices import types
from genai_prices.data import providers

from tools.discovery import ROOT
from tools.generated import write_or_check

TARGET = ROOT / "services" / "edge" / "unigate_edge" / "cost" / "prices.json"

RATES = {
    "input_mtok": "input_per_million",
    "output_mtok": "output_per_million",
    "cache_read_mtok": "cache_read_per_million",
    "cache_write_mtok": "cache_write_per_million",
    "output_reasoning_mtok": "reasoning_per_million",
    "input_audio_mtok": "input_audio_per_million",
    "output_audio_mtok": "output_audio_per_million",
    "input_image_mtok": "input_image_per_million",
    "output_image_mtok": "output_image_per_million",
    "audio_hours": "audio_per_hour",
    "input_audio_hours": "audio_per_hour",
}
"""The units that an answer's usage can be counted in."""


def table() -> dict[str, Any]:
    """Return the prices by provider: its models in the order in which the library tries them."""
    return {
        provider.id: {
            "others": provider.fallback_model_providers or [],
            "models": [
                {"id": model.id, "match": clause(model.match), "prices": prices(model.prices)}
                for model in provider.models
            ],
        }
        for provider in providers
    }


def clause(match: Any) -> dict[str, Any]:
    """Return how a name is told to be the model's, with one member that names the kind."""
    if isinstance(match, types.ClauseOr):
        return {"or": [clause(part) for part in match.or_]}
    if isinstance(match, types.ClauseAnd):
        return {"and": [clause(part) for part in match.and_]}
    ((kind, text),) = vars(match).items()
    return {kind: text if kind == "regex" else text.lower()}


def prices(value: types.ModelPrice | list[types.ConditionalPrice]) -> list[dict[str, Any]]:
    """Return the prices with their conditions, the last that holds being the one."""
    if isinstance(value, types.ModelPrice):
        return [{"rates": rates(value)}]
    return [{**condition(price.constraint), "rates": rates(price.prices)} for price in value]


def condition(constraint: Any) -> dict[str, Any]:
    """Return when a price holds: always, from a day on, or at some hours, in UTC."""
    match constraint:
        case types.StartDateConstraint():
            return {"since": constraint.start_date.isoformat()}
        case types.TimeOfDateConstraint():
            return {"between": [utc(constraint.start_time), utc(constraint.end_time)]}
    return {}


def utc(value: time) -> str:
    """Return a time of day in UTC."""
    if value.tzinfo is None:
        return value.isoformat()
    return datetime.combine(date(1970, 1, 1), value).astimezone(UTC).time().isoformat()


def rates(price: types.ModelPrice) -> dict[str, Any]:
    """Return the rates in dollars; a list has the base and then pairs of a prompt's size and the rate above it."""
    found: dict[str, Any] = {}
    for name, rate in vars(price).items():
        if rate is not None and name in RATES:
            found[RATES[name]] = tiers(rate) if isinstance(rate, types.TieredPrices) else number(rate)
    return found


def tiers(rate: types.TieredPrices) -> list[Any]:
    """Return a rate that depends on the prompt's size."""
    return [number(rate.base), *([tier.start, number(tier.price)] for tier in rate.tiers)]


def number(value: Any) -> float:
    """Return a decimal as JSON has it."""
    return float(value)


def text() -> str:
    """Return the file's text, a model per line so that a change can be read."""
    blocks = []
    for name, provider in sorted(table().items()):
        lines = ",\n".join(json.dumps(model, separators=(",", ":")) for model in provider["models"])
        others = json.dumps(provider["others"])
        blocks.append(f'"{name}":{{"others":{others},"models":[\n{lines}\n]}}')
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> int:
    """Write the file, or check it."""
    return write_or_check({TARGET: text()}, sys.argv[1:], "python -m tools.prices")


if __name__ == "__main__":
    sys.exit(main())
