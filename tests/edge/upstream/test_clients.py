"""The clients of the providers while the configuration changes."""

from __future__ import annotations

from unigate_edge.config.model import Config, Provider
from unigate_edge.upstream.channels import Clients

ONE, OTHER = Provider(target="127.0.0.1:1"), Provider(target="127.0.0.1:2")


async def test_going_over_all_clients_sees_one_configuration() -> None:
    # Prometheus is answered by another thread, which may be half way when a provider is removed
    clients = Clients()
    clients.configure(Config(providers={"one": ONE, "other": OTHER}))
    items, values = iter(clients.items()), iter(clients.values())
    targets = {next(items)[1].target, next(values).target}
    clients.configure(Config(providers={"one": ONE}))
    targets |= {client.target for _, client in items} | {client.target for client in values}
    assert targets == {"127.0.0.1:1", "127.0.0.1:2"}
    assert dict(clients.items()).keys() == {"one"}
    await clients.close()
