"""The configuration file: what it may say, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from unigate_edge.config.model import ConfigError, load_config, parse_config

PROVIDERS = "providers:\n  one: {target: 'localhost:1'}\n"


def mistake(text: str) -> str:
    """What is said about a file that cannot be used."""
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "unigate.yaml")
    return str(caught.value)


def test_providers_alone_are_enough() -> None:
    config = parse_config(PROVIDERS)
    assert config.providers["one"].target == "localhost:1"
    assert config.timeouts.total == 600


def test_an_alias_may_name_several_models() -> None:
    config = parse_config(PROVIDERS + "aliases: {fast: one/a, best: [one/b, one/a]}\n")
    assert config.aliases == {"fast": "one/a", "best": ("one/b", "one/a")}


def test_an_unknown_setting_is_named_with_its_line() -> None:
    assert mistake(PROVIDERS + "timeouts:\n  totl: 3\n") == "unigate.yaml:4: timeouts.totl: there is no such setting"


def test_a_wrong_value_is_named_with_its_line() -> None:
    text = mistake(PROVIDERS + "timeouts:\n  total: never\n")
    assert text.startswith("unigate.yaml:4: timeouts.total: ")


def test_a_missing_field_is_named_with_the_line_of_its_section() -> None:
    assert mistake(PROVIDERS + "keys:\n  - name: a\n").startswith("unigate.yaml:4: keys.0.sha256: ")


def test_all_mistakes_are_told_at_once() -> None:
    assert len(mistake(PROVIDERS + "a: 1\nb: 2\n").splitlines()) == 2


def test_a_key_is_never_shown() -> None:
    assert "hunter2" not in mistake(PROVIDERS + "keys: [{name: a, sha256: hunter2}]\n")


def test_no_providers_is_a_mistake() -> None:
    assert "providers" in mistake("")


def test_a_default_provider_must_exist() -> None:
    text = mistake(PROVIDERS + "default_provider: two\n")
    assert text == "unigate.yaml:3: default_provider: there is no provider 'two'"


def test_an_alias_must_lead_to_a_provider() -> None:
    assert mistake(PROVIDERS + "aliases:\n  fast: two/a\n") == "unigate.yaml:4: aliases.fast: 'two/a' names no provider"


def test_two_keys_cannot_have_the_same_name() -> None:
    keys = "".join(f"  - {{name: a, sha256: '{digit * 64}'}}\n" for digit in "12")
    assert mistake(f"{PROVIDERS}keys:\n{keys}") == "unigate.yaml:3: keys: two of them have the same name"


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    assert mistake("providers: [").startswith("unigate.yaml:1: ")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "unigate.yaml")
