"""A configuration that changes while the edge runs: as a whole, or not at all."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from unigate_edge.config.model import Config, load_config, parse_config
from unigate_edge.config.reload import Reloader

GOOD = "providers: {fake: {target: 'x:1'}}\n"


class Edge:
    """What is told of changes, and the file that tells."""

    def __init__(self, folder: Path, *, keys_required: bool = False) -> None:
        self.file = folder / "unigate.yaml"
        self.file.write_text(GOOD)
        self.applied: list[Config] = []
        self.registry = CollectorRegistry()
        self.reloader = Reloader(
            self.file, load_config(self.file), self.applied.append, self.registry, keys_required=keys_required
        )

    async def write(self, text: str) -> None:
        """Replace the file, as an atomic writer does."""
        new = self.file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.file)
        await self.reloader.poll()

    def reloads(self, result: str) -> float:
        return self.registry.get_sample_value("unigate_config_reloads_total", {"result": result}) or 0


@pytest.fixture
def edge(tmp_path: Path) -> Edge:
    return Edge(tmp_path)


async def test_a_changed_file_is_applied(edge: Edge) -> None:
    await edge.write(GOOD + "models_ttl: 7\n")
    assert [config.models_ttl for config in edge.applied] == [7]
    assert edge.reloads("applied") == 1


async def test_a_file_that_stays_is_not_read(edge: Edge) -> None:
    await edge.reloader.poll()
    assert edge.reloads("applied") == 0


@pytest.mark.parametrize("text", ["providers: [", "providers: {}\n", "nonsense: 1\n", "", GOOD + "models_ttl: soon\n"])
async def test_a_bad_file_changes_nothing(edge: Edge, text: str) -> None:
    await edge.write(text)
    assert edge.applied == []
    assert edge.reloads("refused") == 1
    assert edge.registry.get_sample_value("unigate_config_last_reload_successful") == 0


async def test_a_bad_file_is_logged_with_line_and_field(edge: Edge, logged: list[dict[str, Any]]) -> None:
    await edge.write(GOOD + "models_ttl: soon\n")
    assert "unigate.yaml:2: models_ttl:" in str(logged)


async def test_a_good_file_after_a_bad_one_is_applied(edge: Edge) -> None:
    await edge.write("nonsense: 1\n")
    await edge.write(GOOD + "models_ttl: 8\n")
    assert [config.models_ttl for config in edge.applied] == [8]
    assert edge.registry.get_sample_value("unigate_config_last_reload_successful") == 1


async def test_a_file_that_is_gone_changes_nothing(edge: Edge) -> None:
    edge.file.unlink()
    await edge.reloader.poll()
    assert edge.applied == []
    assert edge.reloads("refused") == 1


async def test_keys_cannot_all_disappear_where_others_can_reach_the_edge(tmp_path: Path) -> None:
    edge = Edge(tmp_path, keys_required=True)
    await edge.write(GOOD + "models_ttl: 9\n")
    assert edge.applied == []


async def test_a_changed_file_of_keys_is_a_change(edge: Edge) -> None:
    keys = edge.file.with_name("keys.yaml")
    keys.write_text(f"[{{name: a, sha256: {'a' * 64}}}]")
    await edge.write(GOOD + "keys_file: keys.yaml\n")
    keys.write_text(f"[{{name: bc, sha256: {'b' * 64}}}]")
    await edge.reloader.poll()
    assert [config.keys[0].name for config in edge.applied] == ["a", "bc"]


async def test_a_swapped_link_two_folders_up_is_a_change(tmp_path: Path) -> None:
    for name, ttl in (("first", 1), ("second", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "unigate.yaml").write_text(GOOD + f"models_ttl: {ttl}\n")
    data = tmp_path / "..data"
    data.symlink_to("first")
    file = tmp_path / "unigate.yaml"
    file.symlink_to("..data/unigate.yaml")
    applied: list[Config] = []
    reloader = Reloader(file, load_config(file), applied.append, CollectorRegistry())
    (tmp_path / "..new").symlink_to("second")
    os.replace(tmp_path / "..new", data)  # noqa: PTH105
    await reloader.poll()
    assert [config.models_ttl for config in applied] == [2]


async def test_it_looks_when_it_is_asked(edge: Edge) -> None:
    async with asyncio.timeout(5), edge.reloader.watching(0):
        edge.file.write_text(GOOD + "models_ttl: 3\n")
        edge.reloader.request_reload()
        while not edge.applied:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def test_it_looks_by_itself(edge: Edge) -> None:
    async with asyncio.timeout(5), edge.reloader.watching(0.001):
        edge.file.write_text(GOOD + "models_ttl: 4\n")
        while not edge.applied:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def configured(target: str, more: str = "") -> Config:
    return parse_config(f"providers: {{fake: {{target: '{target}'}}}}\n{more}")


async def test_the_next_request_is_answered_by_the_new_configuration(world: Any, target: str) -> None:
    world.gateway.configure(configured(target, "aliases: {quick: fake/small}"))
    assert (await world.chat(model="quick")).status_code == 200


async def test_a_provider_that_stays_keeps_its_channel(world: Any, target: str) -> None:
    before = world.gateway.clients["fake"]
    world.gateway.configure(configured(target, "models_ttl: 1"))
    assert world.gateway.clients["fake"] is before


async def test_a_provider_that_goes_is_gone_for_the_next_request(world: Any) -> None:
    world.gateway.configure(parse_config("providers: {other: {target: '127.0.0.1:1'}}"))
    assert (await world.chat()).status_code == 404


async def test_a_running_call_outlives_its_provider(world: Any, kit: Any) -> None:
    world.adapter.answer = kit.never
    running = asyncio.create_task(world.chat())
    await world.adapter.started.wait()
    world.gateway.configure(parse_config("providers: {other: {target: '127.0.0.1:1'}}"))
    world.adapter.release.set()
    assert (await running).status_code == 200


async def test_a_request_on_its_way_still_finds_its_provider(world: Any) -> None:
    client = world.gateway.clients["fake"]
    world.gateway.configure(parse_config("providers: {other: {target: '127.0.0.1:1'}}"))
    assert world.gateway.clients.of("fake") is client
    assert list(world.gateway.clients) == ["other"]
