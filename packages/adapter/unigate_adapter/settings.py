"""What an adapter reads from its environment."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from pydantic import AliasChoices, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from unigate_adapter.provider import Provider


def model_names(value: Any) -> Any:
    """Names from a JSON list, or parted by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return msgspec.json.decode(value)
    return tuple(name.strip() for name in value.split(",") if name.strip())


ModelNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(model_names)]
"""The models that a provider offers, where its vendor is not asked for them."""


class AdapterSettings(BaseSettings):
    """Settings that all adapters share; each is an environment variable `UNIGATE_<NAME>`.

    The vendor's key and base URL come from the vendor's customary variables, see `vendor_settings`.
    """

    model_config = SettingsConfigDict(env_prefix="UNIGATE_", extra="ignore")

    listen: str = "127.0.0.1:50051"
    """Where the edge connects to, by gRPC."""
    metrics_listen: str = "127.0.0.1:9464"
    """Where Prometheus scrapes; empty: nowhere."""
    health_listen: str = ""
    """Where the health service alone listens, without TLS, for probes that have no certificate. Empty: nowhere."""
    reflection: bool = Field(default=False, validation_alias="UNIGATE_GRPC_REFLECTION")
    """Let gRPC clients ask for the contract."""
    log_format: Literal["json", "console"] = "json"
    """`json`: an object a line. `console`: for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""
    drain_seconds: float = Field(default=300.0, ge=0)
    """How long calls that run at SIGTERM may take to end. Less than the pod's grace period."""
    upstream_idle_seconds: float = Field(default=300.0, gt=0)
    """For which a vendor may send nothing; then the call ends with a timeout."""
    max_message_bytes: int = Field(default=128 * 1024 * 1024, gt=0)
    """Of one gRPC message, either way."""
    connection_age_seconds: int = Field(default=45, gt=0)
    """After which an edge has to connect anew, and so finds new replicas."""
    http_client: Literal["aiohttp", "httpx"] = "aiohttp"
    """The library that talks to the vendor."""
    media_max_bytes: int = Field(default=20 * 1024 * 1024, gt=0)
    """Of one file that a client names by URL."""
    media_total_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    """Of all of them in one request."""
    media_max_urls: int = Field(default=64, ge=0)
    """Files that one request may name by URL."""
    media_seconds: float = Field(default=10.0, gt=0)
    """For one of them, redirects included."""
    upstream_max_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    """Of a vendor's answer that is read as a whole, after decompression."""
    max_held_bytes: int = Field(default=512 * 1024 * 1024, gt=0)
    """Of all requests' bodies and vendors' whole answers that are held at a time; what exceeds it is answered 503."""
    state_secret: SecretStr = SecretStr("")
    """Secrets, separated by commas, by which `encrypted_content` is made (by the first) and opened (by any)."""

    def state_secrets(self) -> list[bytes]:
        """The secrets of `state_secret`."""
        listed = self.state_secret.get_secret_value().split(",")
        return [secret.strip().encode() for secret in listed if secret.strip()]


class VendorSettings(BaseSettings):
    """A vendor's key and base URL."""

    model_config = SettingsConfigDict(extra="ignore")

    key: SecretStr = SecretStr("")
    base_url: str = ""
    keys_file: str = ""
    """A file with several keys, one a line, which take turns; it takes the place of `key`."""


def vendor_settings(provider: Provider) -> VendorSettings:
    """Read a vendor's key and base URL from the variables that its record names."""

    class Customary(VendorSettings):
        key: SecretStr = Field(default=SecretStr(""), validation_alias=provider.backend.key_variable)
        base_url: str = Field(default="", validation_alias=provider.backend.base_url_variable)
        keys_file: str = Field(
            default="", validation_alias=AliasChoices(f"{provider.backend.key_variable}S_FILE", "UNIGATE_KEYS_FILE")
        )

    return Customary()
