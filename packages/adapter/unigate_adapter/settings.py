"""What an adapter reads from its environment."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from unigate_adapter.http.clients import ClientName
from unigate_adapter.provider import Provider
from unigate_core.environment import EnvironmentSettings, Secret, decoded_by, first_of, variables


def model_names(text: str) -> tuple[str, ...]:
    """Names from a JSON list, or separated by commas. Raises ValueError."""
    if text.lstrip().startswith("["):
        return msgspec.json.decode(text, type=tuple[str, ...])
    return tuple(name.strip() for name in text.split(",") if name.strip())


ModelNames = Annotated[tuple[str, ...], decoded_by(model_names), variables("UNIGATE_MODELS")]
"""The models that a provider offers, where its vendor is not asked for them."""

ProviderName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$"), variables("UNIGATE_PROVIDER_NAME")]
"""The name that clients know a provider by, before the slash of a model's."""

Seconds = Annotated[float, Meta(gt=0)]
Bytes = Annotated[int, Meta(gt=0)]


class AdapterSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """Settings that all adapters share; each is an environment variable `UNIGATE_<NAME>`.

    The vendor's key and base URL come from the vendor's customary variables, see `vendor_settings`.
    """

    PREFIX: ClassVar[str] = "UNIGATE_"

    listen: str = "127.0.0.1:50051"
    """Where the edge connects to, by gRPC."""
    metrics_listen: str = "127.0.0.1:9464"
    """Where Prometheus scrapes; empty: nowhere."""
    health_listen: str = ""
    """Where the health service alone listens, without TLS, for probes that have no certificate. Empty: nowhere."""
    reflection: Annotated[bool, variables("UNIGATE_GRPC_REFLECTION")] = False
    """Let gRPC clients ask for the contract."""
    log_format: Literal["json", "console"] = "json"
    """`json`: an object a line. `console`: for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""
    drain_seconds: Annotated[float, Meta(ge=0)] = 300.0
    """How long calls that run at SIGTERM may take to end. Less than the pod's grace period."""
    upstream_idle_seconds: Seconds = 300.0
    """For which a vendor may send nothing; then the call ends with a timeout."""
    max_message_bytes: Bytes = 128 * 1024 * 1024
    """Of one gRPC message, either way."""
    connection_age_seconds: Annotated[int, Meta(gt=0)] = 45
    """After which an edge has to connect anew, and so finds new replicas."""
    http_client: ClientName = "direct"
    """What talks to the vendor. `direct` is the lightest, and leaves vendors behind a proxy to aiohttp by itself."""
    media_max_bytes: Bytes = 20 * 1024 * 1024
    """Of one file that a client names by URL."""
    media_total_bytes: Bytes = 64 * 1024 * 1024
    """Of all of them in one request."""
    media_max_urls: Annotated[int, Meta(ge=0)] = 64
    """Files that one request may name by URL."""
    media_seconds: Seconds = 10.0
    """For one of them, redirects included."""
    upstream_max_bytes: Bytes = 64 * 1024 * 1024
    """Of a vendor's answer that is read as a whole, after decompression."""
    max_held_bytes: Bytes = 512 * 1024 * 1024
    """Of all requests' bodies and vendors' whole answers that are held at a time; what exceeds it is answered 503."""
    state_secret: Secret = Secret()
    """Secrets, separated by commas, by which `encrypted_content` is made (by the first) and opened (by any)."""

    def state_secrets(self) -> list[bytes]:
        """The secrets of `state_secret`."""
        return [secret.strip().encode() for secret in self.state_secret.reveal().split(",") if secret.strip()]


class VendorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor's key and base URL."""

    key: Secret = Secret()
    base_url: str = ""
    keys_file: str = ""
    """A file with several keys, one a line, which take turns; it takes the place of `key`."""


def vendor_settings(provider: Provider) -> VendorSettings:
    """Read a vendor's key and base URL from the variables that its record names."""
    key, base_url = provider.backend.key_variable, provider.backend.base_url_variable
    return VendorSettings(
        key=Secret(first_of(key)),
        base_url="" if provider.backend.base_url_is_final else first_of(base_url),
        keys_file=first_of(f"{key}S_FILE", "UNIGATE_KEYS_FILE"),
    )
