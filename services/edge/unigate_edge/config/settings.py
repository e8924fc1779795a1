"""The edge's process settings, from the environment."""

import ipaddress
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs between two processes of the same configuration. Read once, at start."""

    model_config = SettingsConfigDict(env_prefix="UNIGATE_", extra="ignore")

    config: Path = Path("unigate.yaml")
    """The configuration's file."""
    host: str = "127.0.0.1"
    """The address that clients connect to."""
    port: int = Field(default=8080, ge=0, le=65535)
    """The port that clients connect to. 0: any that is free."""
    metrics_listen: str = "127.0.0.1:9463"
    """Where Prometheus scrapes; empty: nowhere."""
    state_url: SecretStr = SecretStr("")
    """`redis://`, `rediss://`, `valkey://` or `unix://`: the store that all replicas share; empty: this process."""
    log_format: Literal["json", "console"] = "json"
    """`json`: an object a line. `console`: for people."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is logged."""
    reload_seconds: float = Field(default=2, ge=0)
    """How often the configuration's file is looked at for changes. 0: only on SIGHUP."""
    drain_seconds: float = Field(default=30, ge=0)
    """How long requests that run at SIGTERM may take to end. Less than the pod's grace period."""
    drain_delay_seconds: float = Field(default=0, ge=0)
    """How long new connections are still accepted after SIGTERM, until load balancers have noticed `/readyz`."""

    def on_loopback(self) -> bool:
        """Tell whether only this machine can reach the edge."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
