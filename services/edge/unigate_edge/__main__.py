"""`python -m unigate_edge`: serve; `python -m unigate_edge keys new NAME`: make a key."""

from __future__ import annotations

import sys

from unigate_core.environment import SettingsError
from unigate_core.gc import freeze_gc
from unigate_core.mutual_tls import TlsSettings
from unigate_core.telemetry.logs import configure_logs, get_logger
from unigate_core.telemetry.process import process_metrics, serve_metrics
from unigate_core.tracing.settings import TracingSettings
from unigate_core.tracing.start import open_tracing
from unigate_edge.app import Edge
from unigate_edge.config.model import ConfigError, load_config
from unigate_edge.config.reload import Reloader
from unigate_edge.config.settings import Settings
from unigate_edge.gateway import Gateway
from unigate_edge.http.connections import raise_open_files
from unigate_edge.server import Server
from unigate_edge.telemetry.requests import Telemetry


def main() -> int:
    """Serve until a signal comes. Returns the exit status: 2 for a configuration that cannot be used."""
    try:
        settings = Settings.from_environment()
        config = load_config(settings.config)
        tracing_settings = TracingSettings.from_environment()
        certificates = TlsSettings.from_environment().files()
    except (ConfigError, SettingsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not config.keys and not settings.on_loopback():
        sys.stderr.write(
            f"{settings.config}: no `keys` are configured, so the edge serves this machine only and does not listen on "
            f"{settings.host}. Add a key, or set UNIGATE_HOST=127.0.0.1.\n"
        )
        return 2
    configure_logs(settings.log_format, settings.log_level)
    tracing = open_tracing("unigate-edge", tracing_settings)
    telemetry = Telemetry(tracing=tracing)
    process_metrics(telemetry.registry)
    try:
        gateway = Gateway.of(config, telemetry, state_url=settings.state_url.reveal(), certificates=certificates)
    except ValueError:
        sys.stderr.write("UNIGATE_STATE_URL: not a redis://, rediss://, valkey:// or unix:// URL\n")
        return 2
    raise_open_files()
    serve_metrics(settings.metrics_listen, telemetry.registry)
    get_logger("unigate.edge").info("listening", host=settings.host, port=settings.port)
    reloader = Reloader(
        settings.config, config, gateway.configure, telemetry.registry, keys_required=not settings.on_loopback()
    )
    gateway.reload = reloader.reload
    server = Server(Edge(gateway, reloader.watching(settings.reload_seconds)), settings, reloader.request_reload)
    freeze_gc()
    server.run()
    if tracing is not None:
        tracing.close()
    return 0 if server.started else 1


def run() -> int:
    """Run the command that the command line names, or serve. Returns the exit status."""
    arguments = sys.argv[1:]
    if not arguments:
        return main()
    from unigate_edge.cli.command import command  # noqa: PLC0415 - a process that serves needs none of it

    return command(arguments)


if __name__ == "__main__":
    sys.exit(run())
