"""The page about the configuration says what the code says."""

from __future__ import annotations

from tools.config_reference import TARGET, page


def test_the_page_is_in_step_with_the_code() -> None:
    assert TARGET.read_text(encoding="utf-8") == page()


def test_every_setting_has_a_meaning() -> None:
    assert "|  |\n" not in page()
