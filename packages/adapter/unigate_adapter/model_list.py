"""The vendor's list of models, cached: an hour fresh, a day stale when the vendor cannot be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

from unigate_adapter.authentication.authenticator import VendorRequest
from unigate_adapter.authentication.client import AuthenticatedClient
from unigate_adapter.target import Target
from unigate_core.errors import GatewayError
from unigate_core.json import Json, loads
from unigate_core.telemetry.labels import with_alias_names
from unigate_core.telemetry.logs import get_logger
from unigate_formats.neutral.model import ModelInfo

FRESH_SECONDS = 3600.0
STALE_SECONDS = 24 * 3600.0
RETRY_SECONDS = 30.0
ASK_SECONDS = 5.0
MAX_PAGES = 20

log = get_logger()


class ModelListCache:
    """Models by the vendor's name. What the list does not know gets the provider's overlay only."""

    def __init__(self, target: Target, client: AuthenticatedClient) -> None:
        self._target = target
        self._client = client
        self._models: dict[str, ModelInfo] = {}
        self._names: frozenset[str] = frozenset()
        self._loaded_at = float("-inf")
        self._asked_at = float("-inf")
        self._loading: asyncio.Task[None] | None = None
        self.complete = False

    async def model(self, name: str) -> ModelInfo:
        """What is known of one model. Waits for the first list, at most `ASK_SECONDS`."""
        await self._refresh(wait=not self._models)
        known = self._models.get(name)
        return known or self._target.provider.backend.models.overlay(ModelInfo(id=name))

    async def all(self, *, refresh: bool = False) -> Sequence[ModelInfo]:
        """The last good list, empty when there never was one."""
        if refresh:
            self._loaded_at = self._asked_at = float("-inf")
        await self._refresh(wait=refresh or not self._models)
        return tuple(self._models.values())

    def knows(self, name: str) -> bool:
        """Whether the list as it is now has the model; for labels that must be bounded."""
        return name in self._names

    async def close(self) -> None:
        """Stop asking."""
        if self._loading:
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)

    async def _refresh(self, *, wait: bool) -> None:
        now = monotonic()
        if now - self._loaded_at < FRESH_SECONDS:
            return
        if self._loading is None and now - self._asked_at >= RETRY_SECONDS:
            self._asked_at = now
            self._loading = asyncio.create_task(self._load())
        if wait and self._loading:
            await asyncio.wait([self._loading], timeout=ASK_SECONDS)

    async def _load(self) -> None:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                models = await self._fetch()
        except (GatewayError, TimeoutError, ValueError, LookupError, TypeError) as error:
            self.complete = False
            if monotonic() - self._loaded_at > STALE_SECONDS:
                self._models, self._names = {}, frozenset()
            log.warning("models_unavailable", provider=self._target.provider.name, error=type(error).__name__)
        else:
            self.complete = True
            self._loaded_at = monotonic()
            self._models = {model.id: model for model in models}
            self._names = with_alias_names(self._models)
        finally:
            self._loading = None

    async def _fetch(self) -> list[ModelInfo]:
        listing = self._target.provider.backend.models
        if listing.static:
            return [listing.overlay(model) for model in listing.static]
        models: list[ModelInfo] = []
        path: str | None = listing.path
        for _ in range(MAX_PAGES):
            if path is None:
                break
            async with await self._client.send(VendorRequest("GET", self._target.url(path), {}, b"")) as answer:
                body = await answer.read()
                if answer.status >= 400:
                    raise self._target.provider.backend.errors(answer.status, answer.headers, body, client_key=False)
            page, path = listing.parse(_page(body))
            models += [listing.overlay(model) for model in page]
        return models


def _page(body: bytes) -> Json:
    """A page of a list. Some vendors in OpenAI's format, as Together, answer with the array alone."""
    page = loads(body)
    if isinstance(page, list):
        return {"data": page}
    if not isinstance(page, dict):
        raise TypeError("the list of models is neither an object nor an array")
    return page
