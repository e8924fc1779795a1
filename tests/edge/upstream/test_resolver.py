"""Targets as gRPC writes them: which are names, and what their addresses make."""

from __future__ import annotations

import pytest

from unigate_edge.upstream.resolver import NOWHERE, Name, lookup, name_of, target_of


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("dns:///a.b.svc:50051", Name("a.b.svc", 50051)),
        ("dns:///a.b.svc.cluster.local.:50051", Name("a.b.svc.cluster.local.", 50051)),
        ("dns:a.b:1", Name("a.b", 1)),
        ("a.b:1", Name("a.b", 1)),
        ("dns://127.0.0.1:53535/a.b:1", Name("a.b", 1, ("127.0.0.1", 53535))),
        ("dns://10.0.0.10/a.b:1", Name("a.b", 1, ("10.0.0.10", 53))),
        ("localhost:50051", None),
        ("127.0.0.1:50051", None),
        ("[::1]:50051", None),
        ("dns:///127.0.0.1:50051", None),
        ("ipv4:10.0.0.1:50051", None),
        ("unix:/run/adapter.sock", None),
        ("unix:///run/adapter.sock", None),
        ("a.b", None),
    ],
)
def test_only_names_are_looked_up(target: str, name: Name | None) -> None:
    assert name_of(target) == name


@pytest.mark.parametrize(
    ("addresses", "target"),
    [
        (("10.0.0.1", "10.0.0.2"), "ipv4:10.0.0.1:5,10.0.0.2:5"),
        (("fd00::1",), "ipv6:[fd00::1]:5"),
        ((), NOWHERE),
    ],
)
def test_addresses_become_a_target(addresses: tuple[str, ...], target: str) -> None:
    assert target_of(addresses, 5) == target


async def test_nobody_to_ask_is_not_the_same_as_no_address() -> None:
    assert await lookup(Name("a.b", 1, ("127.0.0.1", 9))) is None
