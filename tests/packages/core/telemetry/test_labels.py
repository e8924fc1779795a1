"""Labels stay within what is listed."""

from __future__ import annotations

from unigate_core.telemetry.labels import with_alias_names


def test_a_dated_model_is_known_by_its_name_without_the_date_too() -> None:
    listed = ["claude-haiku-4-5-20251001", "gpt-4o-2024-08-06", "m"]
    assert with_alias_names(listed) == {*listed, "claude-haiku-4-5"}
