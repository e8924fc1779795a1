"""The `model` of a request → which provider serves it, under which name."""

from __future__ import annotations

import random
from collections.abc import Callable

import msgspec

from unigate_edge.authentication import Caller
from unigate_edge.config.model import Config, weighted
from unigate_edge.errors import missing_parameter, model_not_found
from unigate_edge.routing.weights import draws_of, weighted_order


class Target(msgspec.Struct, frozen=True):
    """One model of one provider. `model` is the vendor's name."""

    provider: str
    model: str

    @property
    def name(self) -> str:
        """The name by which clients know it."""
        return f"{self.provider}/{self.model}"


class Router:
    """Names of models, aliases among them."""

    def __init__(self, config: Config, chance: Callable[[], float] = random.random) -> None:
        """`chance` draws from [0, 1)."""
        self._providers = frozenset(config.providers)
        self._default = config.default_provider
        self._chance = chance
        self._affinity = config.affinity
        self.aliases: dict[str, tuple[Target, ...]] = {}
        self._splits: dict[str, tuple[tuple[Target, float], ...]] = {}
        for alias, choices in config.aliases.items():
            targets = [(self._target(name), weight) for name, weight in weighted(choices)]
            known = [(target, weight) for target, weight in targets if target is not None]
            self.aliases[alias] = tuple(target for target, _ in known)
            if any(weight is not None for _, weight in known):
                self._splits[alias] = tuple((target, weight or 0) for target, weight in known)

    def targets(self, model: str, caller: Caller, conversation: str = "") -> tuple[Target, ...]:
        """Where the model is served, the preferred place first. Raises GatewayError when nowhere for this caller.

        The requests of one conversation prefer the same place, where the vendor has its prompt in a cache.
        """
        targets = self.aliases.get(model)
        if targets is None:
            target = self._target(model)
            if target is None or not caller.may_use(model, target.name):
                raise model_not_found(model)
            return (target,)
        if model in self._splits:
            keeps = conversation and self._affinity
            chance = draws_of(f"{caller.name}\0{model}\0{conversation}") if keeps else self._chance
            targets = weighted_order(self._splits[model], chance)
        allowed = targets if caller.may_use(model) else tuple(t for t in targets if caller.may_use(t.name))
        if not allowed:
            raise model_not_found(model)
        return allowed

    def targets_or_default(
        self, model: str | None, caller: Caller, *, model_required: bool, conversation: str = ""
    ) -> tuple[Target, ...]:
        """As `targets`, where some operations let the provider choose a model for requests that name none."""
        if model is not None:
            return self.targets(model, caller, conversation)
        if model_required or self._default is None or not caller.may_use(f"{self._default}/"):
            raise missing_parameter("model")
        return (Target(self._default, ""),)

    def target_of(self, provider: str, model: str, caller: Caller) -> Target | None:
        """A provider's model, None where the provider is not there or the caller may not use the model."""
        target = self._target(f"{provider}/{model}")
        return target if target is not None and caller.may_use(model, target.name) else None

    def full_name(self, model: str) -> str:
        """The name with its provider, where it can have one."""
        target = self._target(model)
        return model if model in self.aliases or target is None else target.name

    def _target(self, name: str) -> Target | None:
        if "/." in name or "//" in name or name[:1] == ".":
            # in the path of a vendor's URL it would be another model than the one that was allowed
            return None
        provider, slash, model = name.partition("/")
        if slash:
            return Target(provider, model) if provider in self._providers and model else None
        return Target(self._default, name) if self._default and name else None
