"""The configuration's providers → their clients, of which some come and go while the edge runs."""

from __future__ import annotations

import asyncio
from collections.abc import ItemsView, Iterator, Mapping, ValuesView

from unigate_core.mutual_tls import CertificateFiles
from unigate_edge.config.model import Config, Provider
from unigate_edge.upstream.client import ProviderClient, open_client


class Clients(Mapping[str, ProviderClient]):
    """The clients by provider. One that was removed can still be had for requests that were on their way to it."""

    def __init__(self, certificates: CertificateFiles | None = None) -> None:
        """`certificates`: None, adapters are spoken to plainly."""
        self._certificates = certificates
        self._current: dict[str, ProviderClient] = {}
        self._opened_as: dict[str, Provider] = {}
        self._retired: dict[str, ProviderClient] = {}
        self._closing: dict[ProviderClient, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def configure(self, config: Config, *, anew: bool = False) -> None:
        """Open what is new, on the running event loop, and close what is gone when its last call must be over.

        `anew`: open all of them again, for certificates that have changed.
        """
        current: dict[str, ProviderClient] = {}
        for name, provider in config.providers.items():
            before = self._opened_as.get(name)
            if not anew and before is not None and _same_channel(before, provider):
                current[name] = self._current[name]
            else:
                current[name] = open_client(name, provider, config, self._certificates)
        removed = [client for name, client in self._current.items() if current.get(name) is not client]
        self._current, self._opened_as = current, dict(config.providers)
        for client in removed:
            self._retire(client, config.timeouts.total)

    def renew(self, config: Config) -> bool:
        """Open all channels again when the certificates have been renewed; returns whether they were."""
        if self._certificates is None or not self._certificates.renewed():
            return False
        self.configure(config, anew=True)
        return True

    def of(self, provider: str) -> ProviderClient:
        """The client of a provider that the request was routed to. Raises KeyError."""
        return self._current.get(provider) or self._retired[provider]

    async def close(self) -> None:
        """Close all, also those whose calls still run."""
        for timer in self._closing.values():
            timer.cancel()
        clients = [*self._current.values(), *self._closing]
        self._current, self._closing, self._retired = {}, {}, {}
        await asyncio.gather(*(client.close() for client in clients), *self._tasks)

    # one consistent snapshot: the metrics thread iterates over it while a reload may replace `_current`

    def items(self) -> ItemsView[str, ProviderClient]:
        """The providers of the present configuration and their clients."""
        return self._current.items()

    def values(self) -> ValuesView[ProviderClient]:
        """The clients of the present configuration."""
        return self._current.values()

    def __getitem__(self, provider: str) -> ProviderClient:
        return self._current[provider]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current)

    def __len__(self) -> int:
        return len(self._current)

    def _retire(self, client: ProviderClient, seconds: float) -> None:
        self._retired[client.name] = client
        self._closing[client] = asyncio.get_running_loop().call_later(seconds, self._close, client)

    def _close(self, client: ProviderClient) -> None:
        del self._closing[client]
        if self._retired.get(client.name) is client:
            del self._retired[client.name]
        task = asyncio.get_running_loop().create_task(client.close())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _same_channel(before: Provider, after: Provider) -> bool:
    return (before.target, before.fallback_target, before.tls_server_name) == (
        after.target,
        after.fallback_target,
        after.tls_server_name,
    )
