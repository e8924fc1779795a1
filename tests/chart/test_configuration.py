"""The edge reads what the chart mounts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from unigate_edge.config.model import Config, load_config

Chart = Callable[..., Any]


@pytest.fixture
def mounted(tmp_path: Path) -> Callable[[Any], Config]:
    """The edge's configuration from the folder that its pods see."""

    def read(rendering: Any) -> Config:
        config, *_ = (it["data"] for it in rendering if it["kind"] == "ConfigMap" and "unigate.yaml" in it["data"])
        # its keys are in a Secret that a Job makes, or the operator
        (tmp_path / "keys.yaml").write_text(yaml.safe_dump({"keys": [OWN]}))
        (tmp_path / "unigate.yaml").write_text(config["unigate.yaml"].replace("/etc/unigate/", ""))
        return load_config(tmp_path / "unigate.yaml")

    return read


OWN = {"name": "own", "sha256": "ab" * 32}


def test_the_edge_takes_every_configuration(everything: Any, mounted: Callable[[Any], Config]) -> None:
    assert mounted(everything).keys


def test_the_operators_configuration_is_merged_in(chart: Chart, mounted: Callable[[Any], Config]) -> None:
    config = mounted(chart("full"))
    assert config.aliases["fast"] == "gemini/gemini-2.5-flash"
    assert config.timeouts.total == 300
    assert "vllm" in config.providers


def test_names_without_a_prefix_go_to_openai_where_it_is_deployed(
    chart: Chart, mounted: Callable[[Any], Config]
) -> None:
    assert mounted(chart()).default_provider == "openai"
    assert mounted(chart("compatible")).default_provider == "ollama"


def test_names_without_a_prefix_go_nowhere_among_several_others(chart: Chart, mounted: Callable[[Any], Config]) -> None:
    assert mounted(chart("compatible", "providers.azure.baseUrl=https://a.example")).default_provider is None
    assert mounted(chart("default", "edge.config.default_provider=null")).default_provider is None
