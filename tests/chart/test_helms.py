"""Helm 3 and helm 4 make the same of the chart."""

from typing import Any

import pytest

from tools.chart import CHART, ROOT, VERSIONS, Manifest, render, run_helm, scenarios


@pytest.mark.parametrize("scenario", list(scenarios()))
@pytest.mark.parametrize("version", [VERSIONS[0], VERSIONS[-1]])
def test_both_helms_render_the_same(scenario: str, version: str) -> None:
    one, other = (
        [without_chance(it) for it in render(values=scenarios()[scenario], version=version, which=which)]
        for which in ("HELM", "HELM3")
    )
    assert sorted(one, key=identity) == sorted(other, key=identity)


@pytest.mark.parametrize("scenario", list(scenarios()))
def test_helm_3_has_no_complaint(scenario: str) -> None:
    values = scenarios()[scenario]
    chosen: list[Any] = ["--values", values]
    assert "0 chart(s) failed" in run_helm("lint", "--strict", CHART, *chosen, which="HELM3")


@pytest.mark.parametrize("which", ["HELM", "HELM3"])
def test_both_helms_pack_the_chart(tmp_path: Any, which: str) -> None:
    run_helm("package", CHART, "--destination", tmp_path, which=which)
    (package,) = tmp_path.iterdir()
    assert "unigate" in run_helm(
        "template", "unigate", package, "--set", "simulator.enabled=true,valkey.enabled=true", which=which
    )


def test_the_chart_names_the_license_of_the_repository() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "artifacthub.io/license: Apache-2.0" in (CHART / "Chart.yaml").read_text()


def without_chance(manifest: Manifest) -> Manifest:
    """An object without what is made at random."""
    return {key: value for key, value in manifest.items() if (manifest["kind"], key) != ("Secret", "data")}


def identity(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]
