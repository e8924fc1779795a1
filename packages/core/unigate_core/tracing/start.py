"""Whether spans are made. The SDK is imported only by processes that have an endpoint to send them to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from unigate_core.tracing.settings import TracingSettings

if TYPE_CHECKING:
    from unigate_core.tracing.sdk import Tracing


def open_tracing(service: str, settings: TracingSettings | None = None) -> Tracing | None:
    """The process's tracing, None when no endpoint is configured. `service` is its default `service.name`."""
    settings = settings or TracingSettings.from_environment()
    if not settings.enabled:
        return None
    from unigate_core.tracing.sdk import open_sdk  # noqa: PLC0415 - what is off must cost nothing

    return open_sdk(service, protocol=settings.protocol, tell_vendors=settings.tell_vendors, content=settings.content)
