"""Run a command in front of a gateway of its own: `python -m tools.with_gateway COMMAND …`.

The command finds the gateway's base URL in UNIGATE_URL and the models to try, one of each provider, in UNIGATE_MODELS.
The gateway stands before the simulator, on free ports, and ends with the command, whose exit status is returned. On
SIGUSR1 all adapters are stopped and started again; how often that was done is then in the file that UNIGATE_RESTARTS
names.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

import yaml

from tools.discovery import adapters
from tools.plan import Plan, Ports, Service, is_free, make_plan

TIMEOUT_SECONDS = 60.0
FIRST_PORT = 27000


def main() -> int:
    """Start the gateway, run the command, stop the gateway."""
    keyless = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL"))}
    with tempfile.TemporaryDirectory(prefix="unigate-") as folder:
        run = Path(folder)
        plan = make_plan({**keyless, "PORT": str(Ports().near(FIRST_PORT))}, adapters(), run)
        (run / "unigate.yaml").write_text(yaml.safe_dump(plan.config))
        running = {service.name: start(service, keyless, run) for service in [*plan.backends, plan.edge]}
        restarts = run / "restarts"
        restarts.write_text("0")

        def restart(*_: object) -> None:
            again = [service for service in plan.backends if service.name in plan.config["providers"]]
            stop([running[service.name] for service in again])
            running.update({service.name: start(service, keyless, run) for service in again})
            await_ready(plan, run)
            restarts.write_text(str(int(restarts.read_text()) + 1))

        signal.signal(signal.SIGUSR1, restart)
        try:
            await_ready(plan, run)
            settings = {
                "UNIGATE_URL": f"http://127.0.0.1:{plan.edge.port}",
                "UNIGATE_MODELS": " ".join(plan.examples),
                "UNIGATE_RESTARTS": str(restarts),
            }
            return subprocess.run(sys.argv[1:], env={**keyless, **settings}, check=False).returncode
        finally:
            stop(running.values())


def stop(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """End processes and wait until they have."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()


def start(service: Service, environment: dict[str, str], run: Path) -> subprocess.Popen[bytes]:
    """Start a process and wait until it listens."""
    settings = {"UNIGATE_METRICS_LISTEN": "", "UNIGATE_DRAIN_SECONDS": "5", **environment, **service.settings}
    settings["UNIGATE_METRICS_LISTEN"] = ""
    with (run / f"{service.name}.log").open("ab") as log:
        process = subprocess.Popen(service.command, env=settings, stdout=log, stderr=log)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while is_free(service.port):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{service.name} did not start:\n{(run / f'{service.name}.log').read_text()[-2000:]}")
        time.sleep(0.02)
    return process


def await_ready(plan: Plan, run: Path) -> None:
    """Return when the edge reaches its adapters."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        with suppress(OSError), opener.open(f"http://127.0.0.1:{plan.edge.port}/readyz", timeout=2):
            return
        time.sleep(0.05)
    sys.exit(f"the gateway is not ready:\n{(run / 'edge.log').read_text()[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
