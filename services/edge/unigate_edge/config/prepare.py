"""`unigate prepare`: what a release needs before its pods change, run by helm's hook Job.

Makes the Secrets that are random, once, in the cluster: nothing random is rendered, so that GitOps tools see no change
and neither `helm get manifest` nor a release's history shows a key. Then checks the new configuration as the edge
would, so that one which its pods would refuse stops the upgrade.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, TextIO

import msgspec
import yaml

from unigate_core.environment import EnvironmentSettings, SettingsError
from unigate_edge.config.kubernetes import ApiError, Secrets
from unigate_edge.config.model import ConfigError, load_config
from unigate_edge.config.new_keys import new_secret

API_KEY, KEYS, SEAL, PASSWORD, URL = "api-key", "keys.yaml", "seal", "password", "url"


class PrepareSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """What the Job's environment says. Names of Secrets that are empty are the operator's own: they are left alone."""

    PREFIX: ClassVar[str] = "UNIGATE_PREPARE_"

    config: Path
    """The new configuration."""
    keys_file: Path | None = None
    """The operator's own keys, where they are in use."""
    api_key_secret: str = ""
    """Holds the first key itself, for the people who call the gateway."""
    keys_secret: str = ""
    """Holds the keys as the edge reads them: hashes only."""
    seal_secret: str = ""
    """Holds the secret of `encrypted_content`."""
    store_secret: str = ""
    """Holds the password of the chart's own store, and the URL that the edge reads."""
    store_host: str = ""
    """Where that store is, with its port."""
    models: list[str] = msgspec.field(default_factory=lambda: ["*"])
    """What the first key may use."""
    further_keys: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """Keys beside the first, as in the configuration."""
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    """Of the Secrets."""


def prepare(out: TextIO, err: TextIO, cluster: Callable[[], Secrets] = Secrets.of_pod) -> int:
    """Run the command. Returns the exit status: 2 for a configuration that the edge would refuse."""
    try:
        settings = PrepareSettings.from_environment()
        keys = _keys(settings, cluster, out)
        _check(settings.config, keys)
    except (ApiError, ConfigError, SettingsError, OSError) as error:
        err.write(f"{error}\n")
        return 2
    out.write(f"{settings.config}: good\n")
    return 0


def _keys(settings: PrepareSettings, cluster: Callable[[], Secrets], out: TextIO) -> str:
    """The text of the keys' file, made or found. Raises ApiError, OSError."""
    secrets_named = [settings.api_key_secret, settings.keys_secret, settings.seal_secret, settings.store_secret]
    there = cluster() if any(secrets_named) else None
    if there is not None and settings.store_secret:
        _ensure_store(there, settings, out)
    if there is not None and settings.seal_secret:
        _ensured(there, settings.seal_secret, SEAL, lambda: secrets.token_urlsafe(48), settings.labels, out)
    if settings.keys_file is not None:
        return settings.keys_file.read_text(encoding="utf-8")
    if there is None or not settings.keys_secret:
        return ""
    key = _ensured(there, settings.api_key_secret, API_KEY, new_secret, settings.labels, out)
    first = {"name": "default", "sha256": sha256(key.encode()).hexdigest(), "models": settings.models}
    found = there.get(settings.keys_secret)
    named = {"default", *(key.get("name") for key in settings.further_keys)}
    text: str = yaml.safe_dump({"keys": [first, *settings.further_keys, *_of_command(found, named)]}, sort_keys=False)
    if found is None:
        there.create(settings.keys_secret, {KEYS: text}, settings.labels)
    elif found.get(KEYS) != text:
        there.update(settings.keys_secret, {KEYS: text})
    return text


def _of_command(found: Mapping[str, str] | None, named: set[Any]) -> list[dict[str, Any]]:
    """The entries that `unigate keys` has put into the Secret, which stay."""
    there = yaml.safe_load((found or {}).get(KEYS) or "") or {}
    entries = there.get("keys") if isinstance(there, dict) else there
    return [
        entry
        for entry in entries or ()
        if isinstance(entry, dict) and entry.get("name") not in named and "made-by" in (entry.get("metadata") or {})
    ]


def _ensure_store(there: Secrets, settings: PrepareSettings, out: TextIO) -> None:
    """A password for the chart's own store, which is made where there is none, and the URL with it."""
    if there.get(settings.store_secret) is None:
        password = secrets.token_urlsafe(32)
        url = f"redis://:{password}@{settings.store_host}/0"
        there.create(settings.store_secret, {PASSWORD: password, URL: url}, settings.labels)
        out.write(f"made secret {settings.store_secret}\n")


def _ensured(
    there: Secrets, name: str, key: str, made: Callable[[], str], labels: Mapping[str, str], out: TextIO
) -> str:
    """A value of a Secret, which is made where there is none."""
    found = there.get(name)
    if found is not None and found.get(key):
        return found[key]
    value = made()
    if found is None:
        there.create(name, {key: value}, labels)
    else:
        there.update(name, {key: value})
    out.write(f"made secret {name}\n")
    return value


def _check(config: Path, keys: str) -> None:
    """Read the configuration as the edge would, its keys beside it. Raises ConfigError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / config.name
        text = config.read_text(encoding="utf-8")
        named = yaml.safe_load(text) or {}
        if isinstance(named, dict) and named.get("keys_file"):
            beside = Path(folder) / "keys.yaml"
            beside.write_text(keys, encoding="utf-8")
            text = yaml.safe_dump({**named, "keys_file": beside.name}, sort_keys=False)
        copy.write_text(text, encoding="utf-8")
        load_config(copy)
