"""Processes that outlive the command that started them: remembered in .run/processes.json, stopped by another command.

A process id alone may belong to someone else by now, so each is remembered with its start time and only signalled
while both still agree.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.discovery import ROOT

RUN = ROOT / ".run"
LEDGER = RUN / "processes.json"


@dataclass(frozen=True, slots=True)
class Process:
    """A started process."""

    name: str
    pid: int
    started: str

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return RUN / f"{self.name}.log"

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return started_at(self.pid) == self.started

    def tail(self, count: int = 20) -> str:
        """Return the last lines of its output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-count:])


def started_at(pid: int) -> str | None:
    """Return when a process started, as the system writes it; None when it is gone or but a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    listed = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, moment = listed.stdout.strip().partition(" ")
    return None if not moment or state.startswith("Z") else moment.strip()


def spawn(name: str, command: list[str], environment: dict[str, str]) -> Process:
    """Start a process in a session of its own, so that Ctrl-C reaches it only in the order that `stop` keeps."""
    RUN.mkdir(exist_ok=True)
    with (RUN / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    return Process(name, child.pid, started_at(child.pid) or "")


def remember(processes: list[Process]) -> None:
    """Write down what runs."""
    RUN.mkdir(exist_ok=True)
    LEDGER.write_text(json.dumps([asdict(process) for process in processes], indent=1))


def remembered() -> list[Process]:
    """Return what was written down and still runs."""
    if not LEDGER.exists():
        return []
    return [process for row in json.loads(LEDGER.read_text()) if (process := Process(**row)).alive()]


def stop(processes: list[Process], patience: float = 15.0) -> list[Process]:
    """Ask all to end, last started first, and wait; return those that had to be killed."""
    for process in reversed(processes):
        send(process, signal.SIGTERM)
        # the edge ends its requests before the adapters that serve them are asked to go
        if process is processes[-1]:
            wait([process], patience)
    late = wait(processes, patience)
    for process in late:
        send(process, signal.SIGKILL)
    wait(late, patience)
    LEDGER.unlink(missing_ok=True)
    return late


def send(process: Process, number: signal.Signals) -> None:
    """Signal a process unless it is gone."""
    if process.alive():
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def wait(processes: list[Process], patience: float) -> list[Process]:
    """Wait until all have ended; return those that have not in time."""
    deadline = time.monotonic() + patience
    while (running := [process for process in processes if process.alive()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return running
