"""Settings of the process, from the environment."""

from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="UNIGATE_SIMULATOR_", frozen=True)

    listen: str = Field(default="127.0.0.1:4010", pattern=r".*:\d+$")
    event_ms: float = Field(default=20, ge=0)
    """Milliseconds between two events of a stream."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    logged_requests: int = Field(default=200, ge=1)
    """How many received requests `GET /_sim/requests` remembers."""
    drain_seconds: int = Field(
        default=2, ge=0, validation_alias=AliasChoices("UNIGATE_SIMULATOR_DRAIN_SECONDS", "UNIGATE_DRAIN_SECONDS")
    )
    """How long streams go on after the signal to stop."""
