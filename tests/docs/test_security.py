"""The limits that SECURITY.md tells are those of the code."""

from __future__ import annotations

import re
from functools import reduce
from pathlib import Path

import pytest

from unigate_adapter.settings import AdapterSettings
from unigate_edge.config.model import parse_config

PAGE = Path(__file__).resolve().parents[2] / "SECURITY.md"
ROWS = re.findall(r"^\| `([\w.]+)` \| ([\d,.]+) \| .+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_is_found() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize(("name", "told"), ROWS)
def test_a_limit_is_told_as_it_is(name: str, told: str) -> None:
    if name.isupper():
        value = getattr(AdapterSettings(), name.removeprefix("UNIGATE_").lower())
    else:
        config = parse_config("providers: {none: {target: 'localhost:1'}}")
        value = reduce(getattr, name.split("."), config)
    assert float(told.replace(",", "")) == float(value)
