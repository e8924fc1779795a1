"""Which vendor this process stands before."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from unigate_adapter.openai_compatible import Quirks, read_quirks
from unigate_adapter.presets import PRESETS, Preset
from unigate_adapter.settings import ModelNames, ProviderName
from unigate_core.environment import EnvironmentSettings, Secret, SettingsError, decoded_by

_NO_PRESET = Preset(base_url="", key_variable=None, docs="")


class IdentitySettings(EnvironmentSettings, frozen=True, kw_only=True):
    """UNIGATE_PRESET names a vendor that is known (`groq`, `mistral`, `vllm` …): what is set beside it goes first.

    Without one UNIGATE_PROVIDER_NAME and UNIGATE_BASE_URL are required, the others are not.

    `models` are those to offer, separated by commas or as a JSON list; without them the vendor is asked. `quirks` is
    JSON: an object such as `{"rename": {"max_completion_tokens": "max_tokens"}, "drop": ["store"]}`, or a list of
    names such as `["max-tokens", "no-stream-options"]`.
    """

    PREFIX: ClassVar[str] = "UNIGATE_"

    preset: str = ""
    provider_name: ProviderName | None = None
    base_url: str | None = None
    api_key: Secret = Secret()
    models: ModelNames = ()
    quirks: Annotated[Quirks | None, decoded_by(read_quirks)] = None


class VendorIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor as its settings and its preset describe it. `has_key`: the environment holds a key of its."""

    provider_name: str
    base_url: str
    has_key: bool
    models: tuple[str, ...]
    quirks: Quirks


def vendor_identity() -> VendorIdentity:
    """The vendor that the environment describes. Raises SettingsError."""
    settings = IdentitySettings.from_environment()
    preset = PRESETS.get(settings.preset, _NO_PRESET)
    if settings.preset and preset is _NO_PRESET:
        raise SettingsError(f"UNIGATE_PRESET: there is no preset {settings.preset!r}; there are {', '.join(PRESETS)}")
    name = settings.provider_name or settings.preset
    if not name:
        raise SettingsError("UNIGATE_PROVIDER_NAME is required without UNIGATE_PRESET")
    base_url = settings.base_url if settings.base_url is not None else preset.base_url
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError("UNIGATE_BASE_URL is required, and must start with http:// or https://")
    return VendorIdentity(
        provider_name=name,
        base_url=base_url,
        has_key=bool(settings.api_key.reveal()),
        models=settings.models,
        quirks=settings.quirks if settings.quirks is not None else preset.quirks,
    )
