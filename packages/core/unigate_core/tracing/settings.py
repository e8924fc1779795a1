"""The environment variables of tracing."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from unigate_core.environment import EnvironmentSettings, variables

Protocol: TypeAlias = Literal["grpc", "http/protobuf"]
"""How spans are sent by OTLP."""
_SPANS = ("true", "span_only", "span_and_event")


class TracingSettings(EnvironmentSettings, frozen=True, kw_only=True):
    """What decides whether there are traces; all else of `OTEL_*` the SDK reads itself.

    https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
    """

    endpoint: Annotated[str, variables("OTEL_EXPORTER_OTLP_ENDPOINT")] = ""
    traces_endpoint: Annotated[str, variables("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")] = ""
    protocol: Annotated[Protocol, variables("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")] = (
        "grpc"
    )
    disabled: Annotated[bool, variables("OTEL_SDK_DISABLED")] = False
    exporter: Annotated[str, variables("OTEL_TRACES_EXPORTER")] = "otlp"
    tell_vendors: Annotated[bool, variables("UNIGATE_TRACE_VENDORS")] = False
    """Send `traceparent` to vendors as well. Off: they learn nothing of the traces."""
    capture: Annotated[str, variables("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")] = ""
    """Whether spans show what was said: `span_only`, as other instrumentations call it, or `true`."""

    @property
    def enabled(self) -> bool:
        """Whether there is somewhere to send spans to."""
        return bool(self.endpoint or self.traces_endpoint) and not self.disabled and self.exporter != "none"

    @property
    def content(self) -> bool:
        """Whether spans show what was said."""
        return self.capture.lower() in _SPANS
