"""values.yaml, its schema and the README made from it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tools.chart import CHART
from tools.chart_readme import Undescribed, readme, values
from tools.chart_schema import SOURCE, written


def objects(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every part of a schema that lists properties."""
    if "properties" in schema:
        yield path, schema
    for key, part in schema.items():
        if isinstance(part, dict):
            yield from objects(part, f"{path}/{key}")


def test_the_readme_is_in_step_with_the_values() -> None:
    assert (CHART / "README.md").read_text() == readme(), "run `python -m tools.chart_readme`"


def test_a_value_without_a_description_is_refused() -> None:
    with pytest.raises(Undescribed, match=r"^image\.tag$"):
        list(values("image:\n  # just a comment\n  tag: x\n"))


def test_a_description_may_take_several_lines() -> None:
    (row,) = values("# -- One\n# two.\ntag: x\n")
    assert row.description == "One two."


def test_the_schema_is_closed_everywhere() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    open_on_purpose = {"/definitions/extraEnv/items"}
    open_parts = {path for path, part in objects(schema) if part.get("additionalProperties") is not False}
    assert open_parts == open_on_purpose


def test_what_the_schema_says_of_the_edges_configuration_is_what_the_edge_says() -> None:
    text, source = (CHART / "values.schema.json").read_text(), json.loads(SOURCE.read_text())
    assert text == written(text, source), "run `python -m tools.chart_schema`"


def test_every_value_of_the_schema_is_in_the_values() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    described = {row.path for row in values((CHART / "values.yaml").read_text())}
    for name in schema["properties"].keys() - {"global"}:
        assert any(path == name or path.startswith(f"{name}.") for path in described)
    for section, definition in (("defaults", schema["properties"]["defaults"]),):
        for name in definition["properties"]:
            assert any(path.startswith(f"{section}.{name}") for path in described)


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("replicaz=1", "replicaz"),
        ("edge.replicas=many", "replicas"),
        ("image.tag=latest", "tag"),
        ("defaults.image.tag=latest", "tag"),
        ("providers.openai.modelz=x", "openai"),
        ("providers.Mistral.enabled=true", "Mistral"),
        ("providers.edge.enabled=true", "edge"),
        ("providers.openai-direct.enabled=true", "openai-direct"),
        ("providers.openai-tls.enabled=true", "openai-tls"),
        ("providers.edge-metrics.enabled=true", "edge-metrics"),
        (r"commonLabels.app\.kubernetes\.io/name=x", "app.kubernetes.io/name"),
        (r"edge.podLabels.app\.kubernetes\.io/component=x", "app.kubernetes.io/component"),
        ("networkPolicy.apiServerPorts[0]=0", "apiServerPorts"),
        ("state.url=postgres://x", "url"),
        ("tracing.sampleRatio=2", "sampleRatio"),
        ("edge.autoscaling.kind=vpa", "kind"),
        ("edge.config.timeoutz.total=3", "timeoutz"),
        ("edge.config.timeouts.total=soon", "total"),
        ("auth.keys[0].name=a", "sha256"),
        ("auth.keys[0].sha256=abc", "sha256"),
        ("edge.podSpec.hostNetwork=true", "hostNetwork"),
        ("edge.service.spec.clusterIP=None", "clusterIP"),
        # a default port would be a guess, and the policy would open it
        ("tracing.endpoint=http://collector", "endpoint"),
    ],
)
def test_a_wrong_value_is_refused_by_name(refusal: Callable[..., str], setting: str, named: str) -> None:
    assert named in refusal(setting)


def test_a_grace_period_without_time_to_drain_is_refused(refusal: Callable[..., str]) -> None:
    answer = refusal("edge.lifecycle.gracePeriodSeconds=35")
    assert "edge: lifecycle.gracePeriodSeconds must exceed lifecycle.preStopSeconds" in answer


def test_an_http_route_without_a_gateway_is_refused(refusal: Callable[..., str]) -> None:
    assert "httpRoute.parentRefs is needed" in refusal("httpRoute.enabled=true")


def test_a_label_of_the_operators_replaces_the_charts(chart: Callable[..., Any]) -> None:
    rendering = chart("full", r"commonLabels.app\.kubernetes\.io/part-of=platform")
    assert {it["metadata"]["labels"]["app.kubernetes.io/part-of"] for it in rendering} == {"platform"}


def test_a_store_whose_secret_nobody_makes_is_refused(refusal: Callable[..., str]) -> None:
    without = ("prepare.enabled=false", "auth.existingSecret=a", "state.seal.existingSecret=b", "valkey.enabled=true")
    assert "valkey.existingSecret" in refusal(*without)


def test_the_chart_carries_no_default_key_or_password() -> None:
    words = ("password", "token", "apikey", "url")
    for row in values((CHART / "values.yaml").read_text()):
        if row.path.lower().endswith(words) and "prometheus" not in row.path.lower():
            assert json.loads(row.default) == ""
