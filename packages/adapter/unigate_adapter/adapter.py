"""The resources of an adapter's process, opened together and closed together."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from unigate.provider.v1 import provider_pb2 as pb
from unigate_adapter.answer_stats import AnswerStats
from unigate_adapter.authentication.authenticator import Authenticator, CredentialSource
from unigate_adapter.authentication.client import AuthenticatedClient
from unigate_adapter.held_bytes import HeldBytes
from unigate_adapter.http.client import VendorClient
from unigate_adapter.http.clients import vendor_client
from unigate_adapter.http.media import MediaFetcher
from unigate_adapter.known_refusals import KnownRefusals
from unigate_adapter.model_list import ModelListCache
from unigate_adapter.provider import Provider
from unigate_adapter.settings import AdapterSettings, VendorSettings
from unigate_adapter.target import Target
from unigate_adapter.upstream import Upstream
from unigate_core.encrypted_content import ContentCipher
from unigate_core.errors import GatewayError, drop_tracebacks
from unigate_core.ids import base62_id
from unigate_core.redaction import redact
from unigate_formats.neutral.model import ModelInfo
from unigate_formats.neutral.translation import Context, Fetched

if TYPE_CHECKING:
    from unigate_core.tracing.sdk import Tracing


class RefreshObserver(msgspec.Struct):
    """Passes on how refreshes of credentials end, to the observer, if one is set by then."""

    observe: Callable[[str], None] = lambda outcome: None

    def __call__(self, outcome: str) -> None:
        """See CredentialSource."""
        self.observe(outcome)


@dataclass(frozen=True, slots=True, repr=False)
class Adapter:
    """What every call needs."""

    provider: Provider
    settings: AdapterSettings
    target: Target
    authenticator: Authenticator
    client: AuthenticatedClient
    models: ModelListCache
    media: MediaFetcher
    held: HeldBytes
    cipher: ContentCipher
    """Of what clients carry for the vendor. Replicas that share its secret, or the vendor's key, read each other's."""
    families: tuple[tuple[Callable[[str], object], Adapter], ...] = ()
    refreshes: RefreshObserver = field(default_factory=RefreshObserver)
    refusals: KnownRefusals = field(default_factory=KnownRefusals)

    def serving(self, model: str) -> Adapter:
        """The adapter of the model's family; this one for all that have none."""
        for serves, adapter in self.families:
            if serves(model):
                return adapter
        return self

    def upstream(self, stats: AnswerStats, credential: str, native_headers: tuple[str, ...] | None = None) -> Upstream:
        """The way to the vendor for one answer; `credential` is the client's own key, or empty.

        `native_headers`: the client speaks the vendor's own API; see `Upstream`.
        """
        idle = self.settings.upstream_idle_seconds
        return Upstream(
            self.target,
            self.client,
            stats,
            credential=credential,
            secrets=self.authenticator.secrets,
            idle_seconds=idle,
            native_headers=native_headers,
        )

    def context(self, call: pb.Call, model: ModelInfo, fetched: Mapping[str, Fetched] | None = None) -> Context:
        """What translators may know beside a request for this model."""
        return Context(
            provider=self.provider.name,
            model=model,
            new_id=base62_id,
            replay=call.replay,
            drop_unsupported=call.drop_unsupported,
            created=call.created,
            fetched=fetched or {},
        )

    def sanitise(self, error: GatewayError, credential: str) -> GatewayError:
        """The error as clients may see it: without the operator's key and the one that came with the call."""
        drop_tracebacks(error)
        return redact(error, *self.authenticator.secrets(), credential)


@asynccontextmanager
async def open_adapter(
    provider: Provider,
    settings: AdapterSettings,
    vendor: VendorSettings,
    *,
    client: VendorClient | None = None,
    media: MediaFetcher | None = None,
    tracing: Tracing | None = None,
) -> AsyncIterator[Adapter]:
    """Open the resources. Tests pass a client and a fetcher of their own."""
    client = client or vendor_client(settings.http_client, max_bytes=settings.upstream_max_bytes)
    media = media or MediaFetcher(
        max_bytes=settings.media_max_bytes,
        seconds=settings.media_seconds,
        max_urls=settings.media_max_urls,
        max_total_bytes=settings.media_total_bytes,
    )
    refreshes = RefreshObserver()
    source = CredentialSource(
        provider.name, vendor.key.reveal(), Path(vendor.keys_file) if vendor.keys_file else None, refreshes
    )
    authenticator = provider.backend.authentication(source)
    target = Target.of(provider, vendor.base_url)
    # what asks for the list of models is no part of the call that needs it first
    models = ModelListCache(target, AuthenticatedClient(client, authenticator))
    serving = client
    if tracing is not None:
        from unigate_adapter.telemetry.call_spans import TracedClient  # noqa: PLC0415 - what is off must cost nothing

        serving = TracedClient(client, tracing, provider.telemetry_name)
    key = next(iter(authenticator.secrets()), "")
    cipher = ContentCipher(settings.state_secrets() or [key.encode() or secrets.token_bytes(32)])
    try:
        async with authenticator.open():
            adapter = Adapter(
                provider=provider,
                settings=settings,
                target=target,
                authenticator=authenticator,
                client=AuthenticatedClient(serving, authenticator),
                models=models,
                media=media,
                held=HeldBytes(settings.max_held_bytes),
                cipher=cipher,
                refreshes=refreshes,
            )
            families = tuple(
                (
                    serves,
                    replace(adapter, provider=family, target=target.of_family(family)),
                )
                for serves, family in provider.families
            )
            yield replace(adapter, families=families) if families else adapter
    finally:
        await models.close()
        await media.close()
        await client.close()
