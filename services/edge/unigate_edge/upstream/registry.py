"""All adapters' capabilities → OpenAI's list of models. https://platform.openai.com/docs/api-reference/models

Providers are asked when their answers have grown old, all at once and beside the requests. One that cannot be asked
keeps its last good list.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager

from grpc.aio import AioRpcError

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import UNKNOWN_VALUE
from unigate_core.json import Json, loads_object
from unigate_core.operations import OPERATION_NAMES
from unigate_core.telemetry.labels import with_alias_names, without_date
from unigate_core.telemetry.logs import get_logger
from unigate_edge.authentication import Caller
from unigate_edge.routing.router import Router, Target
from unigate_edge.upstream.client import ProviderClient

log = get_logger("unigate.edge")


class ModelRegistry:
    """The models that each provider last listed."""

    def __init__(
        self,
        router: Router,
        *,
        ttl: float,
        timeout: float,
        prices: Callable[[str, str], Json] = lambda *_: {},
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`prices` says what a provider's model costs, empty when that is not known."""
        self._prices = prices
        self._router = router
        self._ttl = ttl
        self._timeout = timeout
        self._clock = clock
        self._clients: Mapping[str, ProviderClient] = {}
        self._answers: dict[str, pb.GetCapabilitiesResponse] = {}
        self._models: dict[str, Json] = {}
        self._names: frozenset[str] = frozenset()
        self._partial: set[str] = set()
        self._fresh_until = float("-inf")
        self._listed = False
        """Whether every provider was asked once: a list before that would lack some of them."""
        self._refresh: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def open(self, clients: Mapping[str, ProviderClient]) -> AsyncIterator[None]:
        """Serve these clients' models until the end of the context."""
        self._clients = clients
        self._renew()
        try:
            yield
        finally:
            if self._refresh is not None:
                self._refresh.cancel()
                await asyncio.gather(self._refresh, return_exceptions=True)

    def configure(self, router: Router, *, ttl: float, timeout: float) -> None:
        """Go on with another configuration: what is known is listed anew, and asked for again when it is needed."""
        self._router, self._ttl, self._timeout = router, ttl, timeout
        self._partial &= set(self._clients)
        self._models = dict(self._list())
        self._names = with_alias_names(self._models)
        self._fresh_until = float("-inf")

    async def models(self, caller: Caller) -> list[Json]:
        """The models and aliases that the caller may use, in the order of providers."""
        await self._current()
        return [model for name, model in self._models.items() if self._allowed(name, caller)]

    async def model(self, name: str, caller: Caller) -> Json | None:
        """One model, with what becomes of its parameters. None when the caller cannot use it."""
        await self._current()
        known = self._router.full_name(name)
        model = self._models.get(known) or self._newest(known)
        if model is None or not (self._allowed(known, caller) or self._allowed(model["id"], caller)):
            return None
        model = {**model, "id": known}
        answer = self._answers.get(model.get("unigate", {}).get("provider", ""))
        return model if answer is None else with_parameter_support(model, answer.operations)

    def _newest(self, name: str) -> Json | None:
        """The newest model of a vendor that lists dated names alone, by its name without the date."""
        if name not in self._names:
            return None
        return self._models[max(listed for listed in self._models if without_date(listed) == name)]

    async def serving(self, operation: pb.Operation.ValueType) -> list[str]:
        """The providers that have an operation, in their order."""
        await self._current()
        return [
            provider
            for provider in self._clients
            if provider in self._answers
            and any(has.operation == operation for has in self._answers[provider].operations)
        ]

    async def leaves_to_vendor(self, provider: str, operation: pb.Operation.ValueType, code: str | None) -> bool:
        """Whether the provider's vendor may judge a request that does not fit OpenAI's schema, by the fault's code."""
        await self._current()
        answer = self._answers.get(provider)
        rules = [has.schema_rule for has in answer.operations if has.operation == operation] if answer else []
        return pb.SCHEMA_RULE_VENDOR in rules or (code == UNKNOWN_VALUE and pb.SCHEMA_RULE_NEW_VALUES in rules)

    def known_by_one_name(self, target: Target) -> Target:
        """The target without what its provider lets stand before the names of models."""
        answer = self._answers.get(target.provider)
        for prefix in answer.model_prefixes if answer is not None else ():
            if target.model.startswith(prefix):
                return Target(target.provider, target.model[len(prefix) :])
        return target

    def partial(self) -> list[str]:
        """The providers whose list is old or missing."""
        return sorted(self._partial)

    def knows(self, provider: str, model: str) -> bool:
        """Whether the provider has listed the model; for labels that must be bounded. Asks for a list that is old."""
        if self._clients and self._clock() >= self._fresh_until:
            self._renew()
        return f"{provider}/{model}" in self._names

    def _allowed(self, name: str, caller: Caller) -> bool:
        return caller.may_use(name, *(target.name for target in self._router.aliases.get(name, ())))

    async def _current(self) -> None:
        """Return with a list that is current, or old and being renewed."""
        if self._clock() < self._fresh_until:
            return
        self._renew()
        if not self._listed and self._refresh is not None:
            # shielded: the next caller wants the answer even when this one leaves
            await asyncio.shield(self._refresh)

    def _renew(self) -> None:
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._ask_all())

    async def _ask_all(self) -> None:
        await asyncio.gather(*(self._fetch(client) for client in self._clients.values()))
        self._models = dict(self._list())
        self._names = with_alias_names(self._models)
        self._listed = True
        # what is incomplete is asked for again soon
        self._fresh_until = self._clock() + (min(self._ttl, 5.0) if self._partial else self._ttl)

    async def _fetch(self, client: ProviderClient) -> None:
        try:
            answer = await client.capabilities(self._timeout)
        except AioRpcError as error:
            log.warning("capabilities_unavailable", provider=client.name, status=error.code().name)
            self._partial.add(client.name)
            return
        if answer.models or answer.models_complete or client.name not in self._answers:
            self._answers[client.name] = answer
        if answer.models_complete:
            self._partial.discard(client.name)
        else:
            self._partial.add(client.name)

    def _list(self) -> Iterator[tuple[str, Json]]:
        models = {}
        for provider in self._clients:
            answer = self._answers.get(provider)
            for model in answer.models if answer is not None else ():
                described = describe(provider, model)
                if prices := self._prices(provider, model.id):
                    described["unigate"]["prices"] = prices
                models[described["id"]] = described
        yield from models.items()
        for alias, targets in self._router.aliases.items():
            yield alias, describe_alias(alias, [target.name for target in targets], models)


def describe(provider: str, model: pb.Model) -> Json:
    """One model as OpenAI lists it, with what unigate knows beside it."""
    described: Json = loads_object(model.object) if model.object else {}
    described |= {
        "id": f"{provider}/{model.id}",
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by or provider,
        "unigate": extension(provider, model),
    }
    if model.shutdown_date:
        described["shutdown_date"] = model.shutdown_date
    return described


def extension(provider: str, model: pb.Model) -> Json:
    """What OpenAI's object has no place for; what is unknown is absent."""
    members: Json = {
        "provider": provider,
        "endpoints": [OPERATION_NAMES[operation] for operation in model.operations],
        "display_name": model.display_name,
        "context_window": model.context_window,
        "max_output_tokens": model.max_output_tokens,
        "input_modalities": list(model.input_modalities),
        "output_modalities": list(model.output_modalities),
        "features": list(model.features),
    }
    return {name: value for name, value in members.items() if value}


def with_parameter_support(model: Json, operations: Iterable[pb.OperationCapability]) -> Json:
    """The model with how each parameter is supported, by the operations that it serves; all when it does not say."""
    serves = model["unigate"].get("endpoints", ())
    parameters = {
        OPERATION_NAMES[has.operation]: {row.name: support_name(row.support) for row in has.parameters}
        for has in operations
        if has.parameters and (not serves or OPERATION_NAMES[has.operation] in serves)
    }
    return {**model, "unigate": {**model["unigate"], "parameters": parameters}} if parameters else model


def describe_alias(alias: str, targets: Iterable[str], models: Mapping[str, Json]) -> Json:
    """A name of the operator's own as if it were a model."""
    names = list(targets)
    first = models.get(names[0], {}) if names else {}
    return {
        "id": alias,
        "object": "model",
        "created": first.get("created", 0),
        "owned_by": first.get("owned_by", "unigate"),
        "unigate": {**first.get("unigate", {}), "alias_for": names},
    }


def support_name(support: pb.ParameterSupport.ValueType) -> str:
    """`supported` for PARAMETER_SUPPORT_SUPPORTED."""
    return pb.ParameterSupport.Name(support).removeprefix("PARAMETER_SUPPORT_").lower()
