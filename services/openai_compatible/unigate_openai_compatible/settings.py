"""Which vendor this process stands before."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from unigate_adapter.openai_compatible import Quirks, read_quirks
from unigate_adapter.presets import PRESETS
from unigate_adapter.settings import ModelNames


def _http_url(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("it must start with http:// or https://")
    return url


def _quirks(value: Any) -> Any:
    return read_quirks(value) if isinstance(value, str) else value


def _of_preset(data: dict[str, Any], name: str, otherwise: Any) -> Any:
    """A value of the preset that is named, if there is one."""
    preset = PRESETS.get(data.get("preset", ""))
    return getattr(preset, name) if preset is not None else otherwise


class VendorIdentity(BaseSettings):
    """UNIGATE_PRESET names a vendor that is known (`groq`, `mistral`, `vllm` …): what is set beside it goes first.

    Without one UNIGATE_PROVIDER_NAME and UNIGATE_BASE_URL are required, the others are not.

    `models` are those to offer, parted by commas or as a JSON list; without them the vendor is asked. `quirks` is JSON:
    an object such as `{"rename": {"max_completion_tokens": "max_tokens"}, "drop": ["store"]}`, or a list of names such
    as `["max-tokens", "no-stream-options"]`.
    """

    model_config = SettingsConfigDict(env_prefix="UNIGATE_", extra="ignore", arbitrary_types_allowed=True)

    preset: Literal["", *PRESETS] = ""  # type: ignore[valid-type]
    provider_name: str = Field(
        default_factory=lambda data: data.get("preset", ""),
        validate_default=True,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$",
    )
    base_url: Annotated[str, AfterValidator(_http_url)] = Field(
        default_factory=lambda data: _of_preset(data, "base_url", ""), validate_default=True
    )
    api_key: SecretStr = SecretStr("")
    models: ModelNames = ()
    quirks: Annotated[Quirks, NoDecode, BeforeValidator(_quirks)] = Field(
        default_factory=lambda data: _of_preset(data, "quirks", Quirks())
    )
