"""Names of models and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from unigate_core.errors import GatewayError
from unigate_edge.authentication import ANYONE
from unigate_edge.config.model import parse_config
from unigate_edge.routing.router import Router, Target

PROVIDERS = "providers: {one: {target: a}, two: {target: b}}\n"


def router(lines: str = "") -> Router:
    """A router of two providers."""
    return Router(parse_config(PROVIDERS + lines))


def test_everything_after_the_first_slash_is_the_vendors_name() -> None:
    assert router().targets("two/org/model:tag", ANYONE) == (Target("two", "org/model:tag"),)


def test_a_name_without_provider_goes_to_the_default() -> None:
    assert router("default_provider: one").targets("gpt", ANYONE) == (Target("one", "gpt"),)


def test_without_a_default_such_a_name_does_not_exist() -> None:
    with pytest.raises(GatewayError, match="does not exist"):
        router().targets("gpt", ANYONE)


def test_the_default_does_not_serve_unknown_providers() -> None:
    with pytest.raises(GatewayError, match="does not exist"):
        router("default_provider: one").targets("three/gpt", ANYONE)


def test_an_alias_of_several_keeps_their_order() -> None:
    targets = router("aliases: {best: [two/b, one/a]}").targets("best", ANYONE)
    assert [target.name for target in targets] == ["two/b", "one/a"]


def test_an_alias_hides_a_models_own_name() -> None:
    assert router("aliases: {one/a: two/b}").targets("one/a", ANYONE) == (Target("two", "b"),)


def test_an_operation_may_leave_the_model_to_the_default_provider() -> None:
    targets = router("default_provider: one").targets_or_default(None, ANYONE, model_required=False)
    assert targets == (Target("one", ""),)


@pytest.mark.parametrize(("lines", "required"), [("default_provider: one", True), ("", False)])
def test_otherwise_a_missing_model_is_told(lines: str, required: Any) -> None:
    with pytest.raises(GatewayError) as caught:
        router(lines).targets_or_default(None, ANYONE, model_required=required)
    assert caught.value.message == "Missing required parameter: 'model'."


def test_a_conversation_keeps_its_place_in_a_split() -> None:
    splits = router("aliases: {split: [{model: one/a, weight: 1}, {model: two/b, weight: 1}]}")
    places = {name: splits.targets("split", ANYONE, name) for name in map(str, range(50))}
    assert {targets[0].provider for targets in places.values()} == {"one", "two"}
    assert places == {name: splits.targets("split", ANYONE, name) for name in places}


def test_affinity_can_be_switched_off() -> None:
    lines = "affinity: false\naliases: {split: [{model: one/a, weight: 1}, {model: two/b, weight: 1}]}"
    splits = router(lines)
    assert {splits.targets("split", ANYONE, "same")[0].provider for _ in range(100)} == {"one", "two"}


@pytest.mark.parametrize("name", ["one/a/../b", "one/..", "one/./b", "one//b", "one/a//b", "../b", "."])
def test_names_that_would_change_the_path_of_a_url_do_not_exist(name: str) -> None:
    with pytest.raises(GatewayError, match="does not exist"):
        router("default_provider: one").targets(name, ANYONE)
    assert router().target_of("one", "a/../b", ANYONE) is None
