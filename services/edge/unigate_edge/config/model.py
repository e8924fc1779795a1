"""The edge's YAML file: which providers there are, who may call them, and how patiently."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import Discriminator, Field, StringConstraints, Tag, TypeAdapter, ValidationError, model_validator

from unigate_edge.config.cache import CacheSettings
from unigate_edge.config.connections import Connections
from unigate_edge.config.cors import Cors
from unigate_edge.config.keys import Glob, Key, KeyAdministration, StateSettings
from unigate_edge.config.prices import RateOverride
from unigate_edge.config.reliability import Circuit, Idempotency, Retries, Shedding, WeightedModel
from unigate_edge.config.section import ConfigModel

__all__ = ["Config", "ConfigError", "ConfigModel", "Key", "Provider", "load_config", "parse_config"]

MIB = 1024 * 1024
ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
ModelName = Annotated[str, StringConstraints(min_length=1)]


Choice = Annotated[
    Annotated[ModelName, Tag("a name")] | Annotated[WeightedModel, Tag("a weight")],
    Discriminator(lambda value: "a name" if isinstance(value, str) else "a weight"),
]
Alias = Annotated[
    Annotated[ModelName, Tag("a name")] | Annotated[tuple[Choice, ...], Field(min_length=1), Tag("a list")],
    Discriminator(lambda value: "a name" if isinstance(value, str) else "a list"),
]
TAGS = frozenset({"file", "list", "a name", "a weight", "a list"})
"""Steps of pydantic's paths that are in no file."""


class ConfigError(Exception):
    """The file cannot be used; the message names file, line and field."""


class Provider(ConfigModel):
    """One adapter, at an address as gRPC writes it. A name is looked up every five seconds."""

    target: Annotated[str, StringConstraints(min_length=1)]
    fallback_target: str = ""
    """Where calls go while the name in `target` leads nowhere: a Service with an address of its own."""
    tls_server_name: str | None = None
    """The name in the adapter's certificate, where it is not that of `target`. Only with UNIGATE_TLS_*."""
    prices_of: str | None = None
    """Whose prices its models have, by the name in genai-prices (`google`, `groq`, …). None: by the provider's name."""
    drop_unsupported: bool | None = None
    """Overrides the setting of the same name for requests to it, unless the key has one."""


class Timeouts(ConfigModel):
    """Seconds."""

    connect: float = Field(default=2, gt=0)
    """For a connection to an adapter; then the next model of an alias is tried, or the request fails with 503."""
    first_byte: float | None = Field(default=None, gt=0)
    """Until the first event of a stream. null: as long as the request may take."""
    idle: float | None = Field(default=300, gt=0)
    """Between two events of a stream."""
    whole: float | None = Field(default=None, gt=0)
    """Of one attempt at an answer that is not streamed. null: as long as the request may take."""
    total: float = Field(default=600, gt=0)
    """Of a request, with all attempts and the whole stream."""
    capabilities: float = Field(default=5, gt=0)


class Heartbeat(ConfigModel):
    """Seconds of silence after which a stream shows a sign of life, so that no load balancer cuts it."""

    first_event: float = Field(default=30, gt=0)
    """Until then an error of the vendor can still become an HTTP status."""
    interval: float = Field(default=15, gt=0)


class Limits(ConfigModel):
    """Bytes of a request's body, after decompression."""

    json_bytes: int = Field(default=32 * MIB, gt=0)
    multipart_bytes: int = Field(default=64 * MIB, gt=0)
    message_bytes: int = Field(default=128 * MIB, gt=0)
    """Of one gRPC message, either way."""
    replay_bytes: int = Field(default=64 * MIB, ge=0)
    """Of what is remembered in this process for providers that must see parts of their answers again."""
    response_bytes: int = Field(default=256 * MIB, ge=0)
    """Of the responses that are kept in this process."""


class Responses(ConfigModel):
    """Responses that a provider keeps itself, such as OpenAI's: each key has only its own of them."""

    unknown: Literal["refuse", "allow"] = "refuse"
    """What to do with responses whose owner is unknown: created elsewhere, older than 30 days, or, without a shared
    store, created by another replica or before a restart. `refuse`: not found, where there are several keys. `allow`:
    found by whoever knows the id."""


class Config(ConfigModel):
    """The whole file."""

    providers: dict[ProviderName, Provider] = Field(min_length=1)
    default_provider: ProviderName | None = None
    """Serves names that have no provider before a slash. None: such names do not exist."""
    aliases: dict[ModelName, Alias] = Field(default_factory=dict)
    """Names of your own for `provider/model`. In a list, the next one answers when the one before cannot."""
    affinity: bool = True
    """Whether a weighted alias keeps a conversation at one model, where its prompt is cached. A conversation is told by
    `prompt_cache_key`, or by Claude Code's session."""
    retries: Retries = Retries()
    circuit: Circuit = Circuit()
    shedding: Shedding = Shedding()
    idempotency: Idempotency = Idempotency()
    keys: tuple[Key, ...] = ()
    """None at all: everyone on this machine may call, and nobody else."""
    keys_file: Path | None = None
    """A file with further keys, as a list or below `keys`; a relative path is relative to this file."""
    key_administration: KeyAdministration = KeyAdministration()
    allow_client_credentials: bool = False
    """Call the vendor with the key in the client's `x-unigate-provider-key` header instead of the adapter's own."""
    reserved_output_tokens: int = Field(default=1024, ge=0)
    """Tokens reserved for an answer whose request does not say how long it may be."""
    prices: dict[Glob, RateOverride] = Field(default_factory=dict)
    """Prices by pattern of `provider/model`, before those of genai-prices; the first pattern that matches counts."""
    cache: CacheSettings = CacheSettings()
    state: StateSettings = StateSettings()
    responses: Responses = Responses()
    drop_unsupported: bool = True
    """Whether what a model does not support is dropped and reported, or, with false, refused. A request's header
    `x-unigate-unsupported: drop` or `reject` takes precedence."""
    stream_usage: bool = False
    """Whether chat streams end with their usage when the request does not say (`stream_options.include_usage`)."""
    timeouts: Timeouts = Timeouts()
    heartbeat: Heartbeat = Heartbeat()
    connections: Connections = Connections()
    cors: Cors = Cors()
    limits: Limits = Limits()
    page: bool = True
    """Whether `GET /` is a page for people: what runs, a playground that asks for a key, snippets."""
    models_ttl: float = Field(default=300, ge=0)
    """Seconds for which the list of models is taken to be current."""

    @property
    def owners_matter(self) -> bool:
        """Whether a response whose owner is unknown stays hidden."""
        return self.responses.unknown == "refuse" and len(self.keys) > 1

    @model_validator(mode="after")
    def _names_agree(self) -> Config:
        if self.default_provider is not None and self.default_provider not in self.providers:
            raise ValueError(f"default_provider: there is no provider '{self.default_provider}'")
        for alias, targets in self.aliases.items():
            for target, _ in weighted(targets):
                provider = target.partition("/")[0] if "/" in target else self.default_provider
                if provider not in self.providers:
                    raise ValueError(f"aliases.{alias}: '{target}' names no provider")
        if self.key_administration.enabled and not self.key_administration.secret and self.keys_file is None:
            raise ValueError("key_administration: name where keys are kept: `secret`, or `keys_file`")
        for field in ("name", "sha256"):
            values = [getattr(key, field) for key in self.keys]
            if len(set(values)) < len(values):
                raise ValueError(f"keys: two of them have the same {field}")
        return self


def weighted(alias: str | tuple[str | WeightedModel, ...]) -> Iterator[tuple[str, float | None]]:
    """The models of an alias with their weights, None for those without one."""
    for choice in (alias,) if isinstance(alias, str) else alias:
        yield (choice, None) if isinstance(choice, str) else (choice.model, choice.weight)


class KeysFile(ConfigModel):
    """The file of `keys_file`, where it is no bare list."""

    keys: tuple[Key, ...] = ()


T = TypeVar("T")
_config = TypeAdapter(Config)
_keys: TypeAdapter[KeysFile | tuple[Key, ...]] = TypeAdapter(
    Annotated[
        Annotated[KeysFile, Tag("file")] | Annotated[tuple[Key, ...], Tag("list")],
        Discriminator(lambda value: "list" if isinstance(value, list) else "file"),
    ]
)


def load_config(path: Path) -> Config:
    """Read the file, and that of its keys. Raises ConfigError."""
    return parse_config(_text(path), str(path), path.parent)


def parse_config(text: str, name: str = "configuration", folder: Path = Path()) -> Config:
    """Read the text of a file called `name` in `folder`. Raises ConfigError."""
    config = _parsed(text, name, _config)
    if config.keys_file is None:
        return config
    path = folder / config.keys_file
    keys = _parsed(_text(path), str(path), _keys)
    if isinstance(keys, KeysFile):
        keys = keys.keys
    if not keys:
        # no keys mean that everyone may call: an empty file must not
        raise ConfigError(f"{path}:1: it contains no key")
    try:
        return Config.model_validate({**vars(config), "keys_file": path, "keys": (*config.keys, *keys)})
    except ValidationError as error:
        raise ConfigError(
            "\n".join(f"{path}: {fault['msg'].removeprefix('Value error, ')}" for fault in error.errors())
        ) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _parsed(text: str, name: str, kind: TypeAdapter[T]) -> T:
    try:
        value = yaml.safe_load(text)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise ConfigError(f"{name}:{line}: {error.problem or 'this is not YAML'}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}:1: this is not YAML: {type(error).__name__}") from None
    try:
        return kind.validate_python({} if value is None else value)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(fault, tree, name) for fault in error.errors())) from None


def _sentence(fault: Any, tree: yaml.Node | None, name: str) -> str:
    """One fault as `file:line: field: what is wrong`. The value stays out of it, it may be a secret."""
    message = fault["msg"].removeprefix("Value error, ")
    path = tuple(step for step in fault["loc"] if step not in TAGS)
    if not path:
        # what is wrong between sections says itself which one
        path = tuple(message.partition(":")[0].split("."))
        return f"{name}:{_line(tree, path)}: {message}"
    if fault["type"] == "extra_forbidden":
        message = "there is no such setting"
    return f"{name}:{_line(tree, path)}: {'.'.join(map(str, path))}: {message}"


def _line(node: yaml.Node | None, path: tuple[str | int, ...]) -> int:
    """The line of the deepest part of the path that is in the file."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            match = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if match is None:
                break
            line, node = match[0].start_mark.line + 1, match[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
