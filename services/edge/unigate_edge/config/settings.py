"""The edge's process settings, from the environment."""

import ipaddress
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from unigate_core.environment import EnvironmentSettings, Secret


class Settings(EnvironmentSettings, frozen=True, kw_only=True):
    """What differs between two processes of the same configuration. Read once, at start."""

    PREFIX: ClassVar[str] = "UNIGATE_"

    config: Path = Path("unigate.yaml")
    """The configuration's file."""
    host: str = "127.0.0.1"
    """The address that clients connect to."""
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """The port that clients connect to. 0: any that is free."""
    metrics_listen: str = "127.0.0.1:9463"
    """Where Prometheus scrapes; empty: nowhere."""
    state_url: Secret = Secret()
    """`redis://`, `rediss://`, `valkey://` or `unix://`: the store that all replicas share; empty: this process."""
    log_format: Literal["json", "console"] = "json"
    """`json`: an object a line. `console`: for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""
    reload_seconds: Annotated[float, Meta(ge=0)] = 2
    """How often the configuration's file is looked at for changes. 0: only on SIGHUP."""
    drain_seconds: Annotated[float, Meta(ge=0)] = 30
    """How long requests that run at SIGTERM may take to end. Less than the pod's grace period."""
    drain_delay_seconds: Annotated[float, Meta(ge=0)] = 0
    """How long new connections are still accepted after SIGTERM, until load balancers have noticed `/readyz`."""

    def on_loopback(self) -> bool:
        """Tell whether only this machine can reach the edge."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
