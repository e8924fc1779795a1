"""The life of an adapter's process: open, serve, drain, close."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from prometheus_client import CollectorRegistry

from unigate.provider.v1 import provider_pb2, provider_pb2_grpc
from unigate_adapter.adapter import Adapter, open_adapter
from unigate_adapter.provider import Provider
from unigate_adapter.servicer import ProviderServicer
from unigate_adapter.settings import AdapterSettings, vendor_settings
from unigate_adapter.telemetry.metrics import Telemetry
from unigate_core.environment import SettingsError
from unigate_core.gc import freeze_gc
from unigate_core.mutual_tls import CertificateFiles, TlsSettings
from unigate_core.telemetry.event_loop import LoopLag
from unigate_core.telemetry.logs import configure_logs, get_logger
from unigate_core.telemetry.process import process_metrics, serve_metrics
from unigate_core.tracing.settings import TracingSettings
from unigate_core.tracing.start import open_tracing

log = get_logger()

SERVICE = provider_pb2.DESCRIPTOR.services_by_name["ProviderService"].full_name


def run(provider: Provider | Callable[[], Provider]) -> None:
    """Serve a provider until SIGTERM or SIGINT, as its environment says.

    A function makes the provider from the environment. Exits with 2 for settings that cannot be used.
    """
    try:
        settings = AdapterSettings.from_environment()
        certificates = TlsSettings.from_environment().files()
        tracing = TracingSettings.from_environment()
        served = provider if isinstance(provider, Provider) else provider()
    except (SettingsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    configure_logs(settings.log_format, settings.log_level)
    uvloop.run(serve(served, settings, certificates, tracing))


async def serve(
    provider: Provider,
    settings: AdapterSettings,
    certificates: CertificateFiles | None,
    tracing_settings: TracingSettings,
) -> None:
    """Startup → main loop → shutdown."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    registry = CollectorRegistry()
    process_metrics(registry)
    tracing = open_tracing(f"unigate-{provider.name}", tracing_settings)
    async with open_adapter(provider, settings, vendor_settings(provider), tracing=tracing) as adapter:
        telemetry = Telemetry(provider.name, registry, knows=adapter.models.knows, tracing=tracing)
        telemetry.instruments.held.set_function(lambda: adapter.held.total)
        adapter.refreshes.observe = telemetry.credential_refreshed
        server, healthy, port = await start(adapter, telemetry, settings, certificates)
        probes = await start_probes(healthy, settings.health_listen)
        serve_metrics(settings.metrics_listen, registry)
        freeze_gc()
        log.info("adapter_ready", provider=provider.name, port=port)
        with LoopLag(registry).measured():
            await stop.wait()
        log.info("adapter_draining", provider=provider.name)
        await healthy.enter_graceful_shutdown()
        await server.stop(settings.drain_seconds)
        if probes is not None:
            await probes.stop(None)
    if tracing is not None:
        await asyncio.to_thread(tracing.close)
    log.info("adapter_stopped", provider=provider.name)


async def start(
    adapter: Adapter, telemetry: Telemetry, settings: AdapterSettings, certificates: CertificateFiles | None = None
) -> tuple[grpc.aio.Server, health.aio.HealthServicer, int]:
    """A running gRPC server, its health service, and the port it listens on. Plain without `certificates`."""
    server = grpc.aio.server(options=_options(settings))
    provider_pb2_grpc.add_ProviderServiceServicer_to_server(ProviderServicer(adapter, telemetry), server)
    healthy = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    if settings.reflection:
        _enable_reflection(server)
    if certificates is None:
        port = server.add_insecure_port(settings.listen)
    else:
        port = server.add_secure_port(settings.listen, certificates.server_credentials())
    await server.start()
    for name in ("", SERVICE):
        await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
    return server, healthy, port


async def start_probes(healthy: health.aio.HealthServicer, listen: str) -> grpc.aio.Server | None:
    """A server of nothing but the health service, for probes that have no certificate; None without an address."""
    if not listen:
        return None
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
    server.add_insecure_port(listen)
    await server.start()
    return server


def _enable_reflection(server: grpc.aio.Server) -> None:
    # few need it, and it takes memory in every process
    from grpc_reflection.v1alpha import reflection  # noqa: PLC0415

    reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server)


def _options(settings: AdapterSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        # Connections are aged so that clients look up new replicas. The calls on an old one end by themselves, however
        # long they take: their deadlines bound them, so there is no grace after which they would be cut.
        ("grpc.max_connection_age_ms", settings.connection_age_seconds * 1000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.so_reuseport", 0),
    ]
