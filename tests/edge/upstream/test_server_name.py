"""The name that an adapter's certificate has to bear."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from unigate_edge.config.model import Config, Provider
from unigate_edge.upstream import client


class Certificates:
    """Certificates that nobody checks."""

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """Ours."""
        return grpc.ssl_channel_credentials()


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ({"target": "dns:///adapter.example:50051"}, "adapter.example"),
        ({"target": "dns:///adapter.example.:50051"}, "adapter.example"),
        ({"target": "dns:///a.example:50051", "fallback_target": "dns:///b.example:50051"}, "a.example"),
        ({"target": "dns:///adapter.example:50051", "tls_server_name": "other.example"}, "other.example"),
        ({"target": "10.0.0.1:50051", "tls_server_name": "other.example"}, "other.example"),
        ({"target": "10.0.0.1:50051"}, None),
        ({"target": "10.0.0.1:50051", "fallback_target": "dns:///b.example:50051"}, None),
    ],
)
async def test_a_certificate_is_checked_against_the_name_that_is_called(
    monkeypatch: pytest.MonkeyPatch, provider: dict[str, Any], expected: str | None
) -> None:
    seen: list[dict[str, Any]] = []

    def secure_channel(target: str, credentials: grpc.ChannelCredentials, options: Any) -> grpc.aio.Channel:
        seen.append(dict(options))
        return grpc.aio.insecure_channel(target)

    monkeypatch.setattr(client, "secure_channel", secure_channel)
    one = Provider(**provider)
    opened = client.open_client("one", one, Config(providers={"one": one}), Certificates())  # type: ignore[arg-type]
    await opened.close()
    assert seen[0].get("grpc.ssl_target_name_override") == expected
