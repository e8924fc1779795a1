"""The environment variables of tracing."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Protocol: TypeAlias = Literal["grpc", "http/protobuf"]
"""How spans are sent by OTLP."""
_SPANS = ("true", "span_only", "span_and_event")


class TracingSettings(BaseSettings):
    """What decides whether there are traces; all else of `OTEL_*` the SDK reads itself.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """

    model_config = SettingsConfigDict(extra="ignore")

    endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    traces_endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    protocol: Protocol = Field(
        default="grpc",
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
    )
    disabled: bool = Field(default=False, validation_alias="OTEL_SDK_DISABLED")
    exporter: str = Field(default="otlp", validation_alias="OTEL_TRACES_EXPORTER")
    tell_vendors: bool = Field(default=False, validation_alias="UNIGATE_TRACE_VENDORS")
    """Send `traceparent` to vendors as well. Off: they learn nothing of the traces."""
    capture: str = Field(default="", validation_alias="OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")
    """Whether spans tell what was said: `span_only`, as other instrumentations call it, or `true`."""

    @property
    def enabled(self) -> bool:
        """Whether there is somewhere to send spans to."""
        return bool(self.endpoint or self.traces_endpoint) and not self.disabled and self.exporter != "none"

    @property
    def content(self) -> bool:
        """Whether spans tell what was said."""
        return self.capture.lower() in _SPANS
