"""The edge's YAML file: which providers there are, who may call them, and how patiently."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

MIB = 1024 * 1024
ProviderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
ModelName = Annotated[str, StringConstraints(min_length=1)]


class ConfigError(Exception):
    """The file cannot be used; the message names file, line and field."""


class Section(BaseModel):
    """A mapping of the file. A key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provider(Section):
    """One adapter, at whatever address gRPC's resolvers understand."""

    target: Annotated[str, StringConstraints(min_length=1)]


class Key(Section):
    """One client of the gateway."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    """Shown in logs and metrics, and the tenant to whom state belongs."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    models: tuple[str, ...] = ("*",)
    """Names that the key may use, `*` and `?` as in a shell."""


class Timeouts(Section):
    """Seconds."""

    total: float = Field(default=600, gt=0)
    capabilities: float = Field(default=5, gt=0)


class Heartbeat(Section):
    """Seconds of silence after which a stream shows a sign of life, so that no load balancer cuts it."""

    first_event: float = Field(default=30, gt=0)
    """Until then an error of the vendor can still become an HTTP status."""
    interval: float = Field(default=15, gt=0)


class Limits(Section):
    """Bytes of a request's body, after decompression."""

    json_bytes: int = Field(default=32 * MIB, gt=0)
    multipart_bytes: int = Field(default=64 * MIB, gt=0)
    message_bytes: int = Field(default=128 * MIB, gt=0)
    """Of one gRPC message, either way."""
    replay_bytes: int = Field(default=64 * MIB, ge=0)
    """Of what is remembered in this process for providers that must see parts of their answers again."""
    response_bytes: int = Field(default=256 * MIB, ge=0)
    """Of the responses that are kept in this process."""


class Config(Section):
    """The whole file."""

    providers: dict[ProviderName, Provider] = Field(min_length=1)
    default_provider: ProviderName | None = None
    """Serves names that have no provider before a slash. None: such names do not exist."""
    aliases: dict[ModelName, ModelName | tuple[ModelName, ...]] = Field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    """None at all: everyone on this machine may call, and nobody else."""
    drop_unsupported: bool = False
    """Drop sampling parameters that a provider cannot honour instead of refusing the request."""
    timeouts: Timeouts = Timeouts()
    heartbeat: Heartbeat = Heartbeat()
    limits: Limits = Limits()
    models_ttl: float = Field(default=300, ge=0)
    """Seconds for which the list of models is taken to be current."""

    @model_validator(mode="after")
    def _names_agree(self) -> Config:
        if self.default_provider is not None and self.default_provider not in self.providers:
            raise ValueError(f"default_provider: there is no provider '{self.default_provider}'")
        for alias, targets in self.aliases.items():
            for target in (targets,) if isinstance(targets, str) else targets:
                provider = target.partition("/")[0] if "/" in target else self.default_provider
                if provider not in self.providers:
                    raise ValueError(f"aliases.{alias}: '{target}' names no provider")
        for field in ("name", "sha256"):
            values = [getattr(key, field) for key in self.keys]
            if len(set(values)) < len(values):
                raise ValueError(f"keys: two of them have the same {field}")
        return self


def load_config(path: Path) -> Config:
    """Read the file. Raises ConfigError."""
    try:
        return parse_config(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def parse_config(text: str, name: str = "configuration") -> Config:
    """Read the text of a file called `name`. Raises ConfigError."""
    try:
        value = yaml.safe_load(text)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: {error}") from error
    try:
        return Config.model_validate({} if value is None else value)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(fault, tree, name) for fault in error.errors())) from None


def _sentence(fault: Any, tree: yaml.Node | None, name: str) -> str:
    """One fault as `file:line: field: what is wrong`. The value stays out of it, it may be a secret."""
    message = fault["msg"].removeprefix("Value error, ")
    path = tuple(fault["loc"])
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
