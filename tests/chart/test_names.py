"""Names: two releases never meet, and every name is one that Kubernetes takes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tools.chart import CHART, Manifest, run_helm

LONGEST = "a-release-name-with-as-many-letters-as-helm-will-take"
DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")


@pytest.fixture(scope="module")
def release() -> Callable[..., list[Manifest]]:
    """Render everything under a release's name: `release("a", "nameOverride=x")`."""

    def of(name: str, *settings: str, namespace: str = "llm") -> list[Manifest]:
        sets = [part for setting in settings for part in ("--set", setting)]
        values: list[str | Path] = ["--values", CHART / "ci/full-values.yaml"]
        text = run_helm("template", name, CHART, "--namespace", namespace, *values, *sets)
        return [it for it in yaml.load_all(text, Loader=yaml.CSafeLoader) if it]

    return of


def identities(rendering: list[Manifest]) -> set[tuple[str, str]]:
    return {(it["kind"], it["metadata"]["name"]) for it in rendering}


def selects(selector: dict[str, str], rendering: list[Manifest]) -> bool:
    """Whether a selector finds any pod of a rendering."""
    templates = [it["spec"]["template"]["metadata"]["labels"] for it in rendering if it["kind"] == "Deployment"]
    return any(selector.items() <= labels.items() for labels in templates)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a", "b"), ("unigate", "unigate-edge"), (f"{LONGEST[:-1]}x", f"{LONGEST[:-1]}y"), ("a.b", "a")],
)
def test_two_releases_share_a_namespace(release: Callable[..., list[Manifest]], one: str, other: str) -> None:
    assert not identities(release(one)) & identities(release(other))


def test_no_selector_finds_the_pods_of_another_release(release: Callable[..., list[Manifest]]) -> None:
    mine, theirs = release("a"), release("b")
    for it in mine:
        selector = it.get("spec", {}).get("selector") or it.get("spec", {}).get("podSelector")
        if selector:
            assert not selects(selector.get("matchLabels", selector), theirs)


def test_nothing_is_outside_the_releases_namespace(release: Callable[..., list[Manifest]]) -> None:
    # the same release name in two namespaces never meets itself
    assert {it["metadata"]["namespace"] for it in release("a", namespace="other")} == {"other"}


@pytest.mark.parametrize("name", [LONGEST, "a.dotted.name", "x"])
def test_names_are_labels_of_dns(release: Callable[..., list[Manifest]], name: str) -> None:
    longest = "providers.name-of-20-character"
    for it in release(name, f"{longest}.kind=openai-compatible", f"{longest}.baseUrl=http://x"):
        if it["kind"] not in {"ConfigMap", "Secret"}:
            assert DNS_LABEL.fullmatch(it["metadata"]["name"])
            assert len(it["metadata"]["name"]) <= 63


def test_labels_fit(release: Callable[..., list[Manifest]]) -> None:
    for it in release(LONGEST):
        assert all(len(value) <= 63 for value in it["metadata"]["labels"].values())


def test_names_can_be_given(release: Callable[..., list[Manifest]]) -> None:
    names = {it["metadata"]["name"] for it in release("a", "fullnameOverride=gateway")}
    assert all(re.match(r"gateway(-|$)", name) for name in names)


def test_a_name_that_no_service_may_have_is_refused(refusal: Callable[..., str]) -> None:
    assert "set fullnameOverride" in refusal("fullnameOverride=1st")
