"""What answers cost, and where that is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import genai_prices
import pytest

from tools.prices import TARGET, text
from unigate.provider.v1 import provider_pb2 as pb
from unigate_edge.config.model import parse_config
from unigate_edge.cost.calculator import NANO, Prices

PROVIDERS = "openai", "anthropic", "gemini", "deepseek", "groq"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def prices(more: str = "", now: datetime = NOON) -> Prices:
    """The prices of some providers."""
    lines = "".join(f"  {name}: {{target: x}}\n" for name in PROVIDERS)
    return Prices(parse_config(f"providers:\n{lines}{more}"), lambda: now)


USAGES = [
    {"input_tokens": 1000, "output_tokens": 200},
    {"input_tokens": 1000, "output_tokens": 200, "cache_read_tokens": 400, "cache_write_tokens": 100},
    {"input_tokens": 300_000, "output_tokens": 5000, "cache_read_tokens": 250_000},
]


@pytest.mark.parametrize("usage", USAGES)
@pytest.mark.parametrize(
    ("provider", "model", "theirs"),
    [
        ("openai", "gpt-4o-mini", "openai"),
        ("openai", "gpt-4o-2024-08-06", "openai"),
        ("openai", "text-embedding-3-small", "openai"),
        ("anthropic", "claude-sonnet-4-5", "anthropic"),
        ("anthropic", "claude-opus-4-1-20250805", "anthropic"),
        ("gemini", "gemini-2.5-pro", "google"),
        ("gemini", "gemini-2.0-flash", "google"),
        ("deepseek", "deepseek-chat", "deepseek"),
    ],
)
@pytest.mark.parametrize("hour", [3, 12, 20])
def test_costs_are_those_of_the_library(
    provider: str, model: str, theirs: str, usage: dict[str, int], hour: int
) -> None:
    now = NOON.replace(hour=hour)
    ours = prices(now=now).cost(provider, model, pb.Usage(**usage))
    expected = genai_prices.calc_price(
        genai_prices.Usage(**usage), model, provider_id=theirs, genai_request_timestamp=now
    )
    assert ours == pytest.approx(float(expected.total_price) * NANO, abs=1)


def test_the_table_is_that_of_the_installed_library() -> None:
    assert TARGET.read_text(encoding="utf-8") == text()


def test_an_unknown_model_has_no_price() -> None:
    assert prices().cost("openai", "no-such-model", pb.Usage(input_tokens=5)) is None


def test_a_model_whose_units_cannot_be_counted_has_no_price() -> None:
    assert prices().cost("openai", "tts-1", pb.Usage()) is None


def test_the_first_pattern_of_the_operators_own_counts() -> None:
    own = "prices:\n  openai/gpt-4o: {input_per_million: 2}\n  openai/*: {input_per_million: 1}\n"
    usage = pb.Usage(input_tokens=1_000_000)
    assert [prices(own).cost("openai", model, usage) for model in ("gpt-4o", "gpt-5")] == [2 * NANO, NANO]


def test_a_provider_of_any_name_can_have_the_prices_of_another() -> None:
    config = parse_config("providers: {fast: {target: x, prices_of: groq}}")
    assert Prices(config).cost("fast", "llama-3.3-70b-versatile", pb.Usage(input_tokens=1000))


def test_made_up_names_are_forgotten() -> None:
    known = prices()
    for i in range(5000):
        known.find("nobody", f"model-{i}")
    assert len(known._known) <= 2048


@pytest.fixture
def settings() -> str:
    """The fake provider's models cost what OpenAI's do."""
    return "prices: {'fake/small': {input_per_million: 2.5, output_per_million: 10, cache_read_per_million: 1}}\n"


@pytest.fixture
def used(adapter: Any) -> Callable[..., None]:
    """What lets the adapter report its usage."""

    def report(**usage: int) -> None:
        adapter.answer.summary.usage.MergeFrom(pb.Usage(**usage))

    return report


async def test_a_whole_answer_tells_its_cost(world: Any, used: Any) -> None:
    used(input_tokens=1000, output_tokens=100)
    assert (await world.chat()).headers["x-unigate-cost-usd"] == "0.0035"


async def test_an_answer_without_a_price_tells_none(world: Any, used: Any) -> None:
    used(input_tokens=1000, output_tokens=100)
    assert "x-unigate-cost-usd" not in (await world.chat(model="fake/other")).headers


async def test_costs_are_counted_by_the_name_in_the_price_list(world: Any, used: Any) -> None:
    used(input_tokens=1000, output_tokens=100)
    await world.chat()
    labels = {"provider": "fake", "model": "fake/small", "operation": "chat"}
    assert world.gateway.telemetry.registry.get_sample_value("unigate_cost_usd_total", labels) == 0.0035


async def test_what_the_vendors_cache_saves_is_counted_by_model_and_key(world: Any, used: Any) -> None:
    used(input_tokens=1000, output_tokens=100, cache_read_tokens=400)
    await world.chat()
    registry = world.gateway.telemetry.registry
    labels = {"provider": "fake", "model": "fake/small"}
    assert registry.get_sample_value("unigate_cache_saved_usd_total", labels) == pytest.approx(0.0006)
    assert registry.get_sample_value("unigate_key_cache_saved_usd_total", {"key": "anonymous"}) == pytest.approx(0.0006)


async def test_a_stream_costs_too(world: Any, kit: Any) -> None:
    world.adapter.frames = [kit.last("data: [DONE]\n\n")]
    world.adapter.frames[0].summary.usage.MergeFrom(pb.Usage(input_tokens=1000, output_tokens=100))
    response = await world.chat(stream=True)
    assert "x-unigate-cost-usd" not in response.headers
    assert (await world.client.get("/v1/usage")).json()["today"]["cost_usd"] == 0.0035


async def test_usage_tells_today_and_this_month_by_model(world: Any, used: Any) -> None:
    used(input_tokens=1000, output_tokens=100, cache_read_tokens=7)
    await world.chat()
    report = (await world.client.get("/v1/usage")).json()
    counts = {
        "requests": 1,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cache_read_tokens": 7,
        "cost_usd": 0.0034895,
    }
    assert report["models"] == [{"model": "fake/small", "today": counts, "this_month": counts}]
    assert {name: report["this_month"][name] for name in counts} == counts


async def test_the_list_of_models_shows_prices(world: Any) -> None:
    (model,) = (await world.client.get("/v1/models")).json()["data"]
    assert model["unigate"]["prices"] == {
        "cache_read_per_million": 1.0,
        "input_per_million": 2.5,
        "output_per_million": 10.0,
    }
