"""Environment and services found -> what `make up` starts, with which settings."""

import fcntl
import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.discovery import Adapter
from unigate_adapter.presets import PRESETS

SIMULATOR = "simulator"
NO_KEY_NEEDED = "simulated"
ADAPTERS = 15051
"""Where adapters' ports begin: below those that the kernel gives to connections (32768 and up on Linux), of which one
may be taken between the plan and the start."""
CLAIMS = Path(tempfile.gettempdir()) / f"unigate-ports-{os.getuid()}"


class Unusable(Exception):
    """What the user asked for cannot be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Service:
    """A process to start."""

    name: str
    package: str
    port: int
    settings: dict[str, str]

    @property
    def command(self) -> list[str]:
        """How to start it."""
        return [sys.executable, "-m", self.package]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is started: `backends` at once, the edge when they listen."""

    backends: list[Service]
    edge: Service
    config: dict[str, Any]
    served_by: dict[str, str]
    """Provider -> who answers, in words."""
    examples: list[str]
    """Model names to show, one of each provider that is started."""


class Ports:
    """Hands out free loopback ports, none twice, and none that another command of this machine is about to use."""

    def near(self, preferred: int) -> int:
        """Return the first free port from `preferred` on; it is claimed for as long as this process runs."""
        return next(port for port in range(preferred, preferred + 1000) if is_free(port) and claim(port))


def claim(port: int) -> bool:
    """Lock the file that stands for a port; return whether it was free."""
    CLAIMS.mkdir(exist_ok=True)
    file = os.open(CLAIMS / str(port), os.O_WRONLY | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True


def is_free(port: int) -> bool:
    """Tell whether a loopback port can be listened on."""
    with ExitStack() as stack:
        probe = stack.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def make_plan(environment: Mapping[str, str], found: list[Adapter], run: Path) -> Plan:
    """Decide what to start. Raises Unusable."""
    port = edge_port(environment)
    ports = Ports()
    config = read_config(environment.get("CONFIG", ""))
    providers: dict[str, Any] = config.setdefault("providers", {})
    simulator = Service(SIMULATOR, "unigate_simulator", ports.near(4010), {})
    simulator.settings["UNIGATE_SIMULATOR_LISTEN"] = f"127.0.0.1:{simulator.port}"

    backends, served_by, examples = [], {}, []
    for adapter in found:
        if "target" in providers.get(adapter.provider, {}):
            served_by[adapter.provider] = f"the adapter at {providers[adapter.provider]['target']}"
            continue
        credentials, served_by[adapter.provider] = credentials_of(adapter, environment, simulator.port, run)
        if credentials is None:
            continue
        service = Service(adapter.provider, adapter.package, ports.near(ADAPTERS), credentials)
        service.settings["UNIGATE_LISTEN"] = f"127.0.0.1:{service.port}"
        service.settings["UNIGATE_METRICS_LISTEN"] = f"127.0.0.1:{ports.near(9464)}"
        providers.setdefault(adapter.provider, {})["target"] = f"127.0.0.1:{service.port}"
        backends.append(service)
        examples += [f"{adapter.provider}/{adapter.example}"] if adapter.example else []
    for name, settings in presets_of(environment):
        if "target" in providers.get(name, {}):
            continue
        service = Service(name, "unigate_openai_compatible", ports.near(ADAPTERS), settings)
        service.settings["UNIGATE_LISTEN"] = f"127.0.0.1:{service.port}"
        service.settings["UNIGATE_METRICS_LISTEN"] = f"127.0.0.1:{ports.near(9464)}"
        providers.setdefault(name, {})["target"] = f"127.0.0.1:{service.port}"
        served_by[name] = settings.get("UNIGATE_BASE_URL", "the vendor")
        backends.append(service)
    if SIMULATOR in served_by.values():
        backends.insert(0, simulator)
    edge = Service("edge", "unigate_edge", port, edge_settings(port, ports.near(9463), run))
    return Plan(backends, edge, config, served_by, examples)


def presets_of(environment: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the known vendors of OpenAI's format for which there is a key, or a base URL, with their settings."""
    for name, preset in PRESETS.items():
        key = environment.get(preset.key_variable or "", "")
        base_url = environment.get(preset.base_url_variable or f"{name.upper()}_BASE_URL", "")
        if not base_url and not (key and preset.base_url):
            continue
        settings = {"UNIGATE_PRESET": name, "UNIGATE_API_KEY": key}
        yield name, settings | ({"UNIGATE_BASE_URL": base_url} if base_url else {})


def edge_port(environment: Mapping[str, str]) -> int:
    """Return the port that the user wants the edge on. Raises Unusable when it is taken."""
    text = environment.get("PORT") or "8080"
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise Unusable(f"PORT={text} is no port: give a number from 1 to 65535, as in `make up PORT=8081`")
    if not is_free(int(text)):
        raise Unusable(f"port {text} is in use: choose another, as in `make up PORT={int(text) % 65535 + 1}`")
    return int(text)


def read_config(path: str) -> dict[str, Any]:
    """Return the user's edge configuration, empty where none is named. Raises Unusable."""
    if not path:
        return {}
    try:
        config = yaml.safe_load(Path(path).expanduser().read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        raise Unusable(f"CONFIG={path} cannot be read: {error}") from error
    if not isinstance(config, dict) or not isinstance(config.get("providers", {}), dict):
        raise Unusable(f"CONFIG={path} is not an edge configuration: it must be a mapping, and so must `providers`")
    return config


def credentials_of(
    adapter: Adapter, environment: Mapping[str, str], simulator_port: int, run: Path
) -> tuple[dict[str, str] | None, str]:
    """Return what an adapter needs beside the user's environment, None where it cannot run, and who answers for it."""
    base_url = environment.get(adapter.base_url)
    if adapter.identity:
        if base_url or any(environment.get(name) for name in adapter.identity):
            return {}, base_url or "the vendor"
        return simulated_identity(adapter, f"http://127.0.0.1:{simulator_port}", run), SIMULATOR
    if adapter.key is None or environment.get(adapter.key):
        return {}, base_url or "the vendor"
    if base_url:
        return {adapter.key: NO_KEY_NEEDED}, f"{base_url} ({adapter.key} is not set)"
    if adapter.simulator is None:
        return None, f"nobody: {adapter.key} is not set, and the simulator does not speak this API"
    url = f"http://127.0.0.1:{simulator_port}{adapter.simulator}"
    return {adapter.key: NO_KEY_NEEDED, adapter.base_url: url}, SIMULATOR


def simulated_identity(adapter: Adapter, simulator: str, run: Path) -> dict[str, str]:
    """Return the settings by which a cloud's adapter gets its credentials, and its answers, from the simulator."""
    run.mkdir(exist_ok=True)
    token = run / "identity-token"
    token.write_text("a made-up token of a cluster\n")
    values = {"simulator": simulator, "host": simulator.removeprefix("http://"), "token": str(token)}
    settings = {name: value.format_map(values) for name, value in adapter.simulated.items()}
    return {**settings, adapter.base_url: f"{simulator}{adapter.simulator}"}


def edge_settings(port: int, metrics_port: int, run: Path) -> dict[str, str]:
    """Return the edge's own settings."""
    return {
        "UNIGATE_CONFIG": str(run / "unigate.yaml"),
        "UNIGATE_HOST": "127.0.0.1",
        "UNIGATE_PORT": str(port),
        "UNIGATE_METRICS_LISTEN": f"127.0.0.1:{metrics_port}",
    }


def settings_lines(plan: Plan) -> Iterator[str]:
    """Yield who answers for each provider, in words."""
    width = max(map(len, plan.served_by), default=0)
    for provider, server in plan.served_by.items():
        yield f"  {provider:{width}}  {server}"
