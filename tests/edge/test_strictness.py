"""What decides whether things that a model does not support are dropped: header, key, provider, configuration."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from unigate_edge.config.keys import Key
from unigate_edge.config.model import parse_config
from unigate_edge.http.unsupported_params import drops

PROVIDERS = "providers: {one: {target: a%s}}\n"


def key(*, setting: bool | None) -> Key:
    return Key(name="k", sha256=sha256(b"k").hexdigest(), drop_unsupported=setting)


@pytest.mark.parametrize(
    ("of_all", "of_provider", "of_key", "dropped"),
    [
        ("true", "", None, True),
        ("false", "", None, False),
        ("true", ", drop_unsupported: false", None, False),
        ("false", ", drop_unsupported: true", False, False),
        ("true", ", drop_unsupported: false", True, True),
    ],
)
def test_the_nearest_setting_counts(of_all: str, of_provider: str, of_key: Any, dropped: Any) -> None:
    config = parse_config(PROVIDERS % of_provider + f"drop_unsupported: {of_all}\n")
    assert drops(config, key(setting=of_key), "one") is dropped


async def test_a_header_goes_first(world: Any) -> None:
    await world.chat({"x-unigate-unsupported": "reject"})
    assert world.adapter.calls[0].drop_unsupported is False
