"""Settings from environment variables: what they are read from, and what is said of those that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

import msgspec
import pytest
from msgspec import Meta

from unigate_core.environment import EnvironmentSettings, Secret, SettingsError, decoded_by, variables


class Example(EnvironmentSettings, frozen=True, kw_only=True):
    PREFIX: ClassVar[str] = "EXAMPLE_"

    seconds: Annotated[float, Meta(gt=0)] = 1.5
    on: Annotated[bool, variables("EXAMPLE_FIRST", "EXAMPLE_SECOND")] = False
    form: Literal["json", "console"] = "json"
    file: Path | None = None
    key: Secret = Secret()
    names: list[str] = msgspec.field(default_factory=list)
    pair: Annotated[tuple[str, ...], decoded_by(lambda text: tuple(text.split("=")))] = ()


class Needed(EnvironmentSettings, frozen=True, kw_only=True):
    place: str


def test_what_is_not_set_has_its_default() -> None:
    assert Example.from_environment({}) == Example()


def test_each_kind_is_read_in_its_form() -> None:
    read = Example.from_environment(
        {
            "EXAMPLE_SECONDS": "2",
            "EXAMPLE_SECOND": "true",
            "EXAMPLE_FORM": "console",
            "EXAMPLE_FILE": "/x",
            "EXAMPLE_KEY": "k",
            "EXAMPLE_NAMES": '["a"]',
            "EXAMPLE_PAIR": "a=b",
        }
    )
    assert (read.seconds, read.on, read.form, read.file) == (2.0, True, "console", Path("/x"))
    assert (read.key.reveal(), read.names, read.pair) == ("k", ["a"], ("a", "b"))


def test_the_first_variable_that_is_set_counts() -> None:
    assert not Example.from_environment({"EXAMPLE_FIRST": "0", "EXAMPLE_SECOND": "1"}).on


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("EXAMPLE_SECONDS", "0"),
        ("EXAMPLE_SECONDS", "soon"),
        ("EXAMPLE_FIRST", "perhaps"),
        ("EXAMPLE_FORM", "xml"),
        ("EXAMPLE_NAMES", "a,b"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_its_variable(variable: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable}") as caught:
        Example.from_environment({variable: text})
    assert text == "0" or text not in str(caught.value)


def test_the_choices_are_told() -> None:
    with pytest.raises(SettingsError, match="json, console"):
        Example.from_environment({"EXAMPLE_FORM": "xml"})


def test_what_is_needed_is_told() -> None:
    with pytest.raises(SettingsError, match="PLACE is required"):
        Needed.from_environment({})


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Example(key=Secret("hidden")))
