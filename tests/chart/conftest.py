"""Renderings of the chart by a real helm, each made once."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tools.chart import HelmFailed, Manifest, render, run_helm, scenarios
from tools.helm import NoHelm

Rendering = tuple[Manifest, ...]
Render = Callable[..., Rendering]


@cache
def rendered(scenario: str, version: str, *settings: str) -> Rendering:
    """Render a values file of the chart's `ci/` with further settings."""
    sets = [part for setting in settings for part in ("--set", setting)]
    return tuple(render(*sets, values=scenarios()[scenario], version=version))


@pytest.fixture(scope="session", autouse=True)
def helm_is_at_hand() -> None:
    """No chart test is skipped for want of a helm: all of them fail and say what to do."""
    try:
        run_helm("version")
    except NoHelm as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="session")
def chart() -> Render:
    """Render: `chart("full", "edge.replicas=5", version="1.30")`."""

    def make(scenario: str = "default", *settings: str, version: str = "1.37") -> Rendering:
        return rendered(scenario, version, *settings)

    return make


@pytest.fixture(scope="session")
def refusal() -> Callable[..., str]:
    """What helm says when it refuses settings."""

    def of(*settings: str) -> str:
        with pytest.raises(HelmFailed) as failure:
            rendered("default", "1.37", *settings)
        return str(failure.value)

    return of


@pytest.fixture(params=list(scenarios()))
def everything(request: pytest.FixtureRequest, chart: Render) -> Rendering:
    """The rendering of each values file in turn."""
    return chart(request.param)


@pytest.fixture(scope="session")
def find() -> Callable[[Rendering, str, str], Any]:
    """The one object of a kind and name."""

    def one(rendering: Rendering, kind: str, name: str) -> Manifest:
        (found,) = (it for it in rendering if (it["kind"], it["metadata"]["name"]) == (kind, name))
        return found

    return one


@pytest.fixture
def workloads(everything: Rendering) -> list[Manifest]:
    """The Deployments of `everything`."""
    return [it for it in everything if it["kind"] == "Deployment"]
