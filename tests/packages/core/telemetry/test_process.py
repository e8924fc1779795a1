"""Prometheus is answered where the settings say."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from unigate_core.telemetry import process


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Ports and addresses that were opened."""
    opened: list[tuple[int, str]] = []
    monkeypatch.setattr(process, "start_http_server", lambda port, host, registry: opened.append((port, host)))
    return opened


@pytest.mark.parametrize(
    ("listen", "host"),
    [("127.0.0.1:9464", "127.0.0.1"), ("[::]:9464", "::"), ("[::1]:9464", "::1"), (":9464", "0.0.0.0")],
)
def test_an_address_is_read_with_and_without_brackets(listen: str, host: str, served: list[tuple[int, str]]) -> None:
    process.serve_metrics(listen, CollectorRegistry())
    assert served == [(9464, host)]


def test_no_address_is_no_port(served: list[tuple[int, str]]) -> None:
    process.serve_metrics("", CollectorRegistry())
    assert served == []
