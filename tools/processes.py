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


@dataclass(frozen=True, slots=True)
class Process:
    """A started process."""

    name: str
    pid: int
    started: str
    log: str
    """Path of the file that its output goes to."""

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return started_at(self.pid) == self.started

    def tail(self, count: int = 20) -> str:
        """Return the last lines of its output."""
        return "\n".join(Path(self.log).read_text(errors="replace").splitlines()[-count:])


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


def spawn(name: str, command: list[str], environment: dict[str, str], folder: Path) -> Process:
    """Start a process in a session of its own, so that Ctrl-C reaches it only in the order that `stop` keeps."""
    log = str(folder / f"{name}.log")
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    pid = os.posix_spawn(command[0], command, environment, file_actions=files, setsid=True)
    return Process(name, pid, started_at(pid) or "", log)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The processes that were started from a folder, written down for the command that stops them."""

    path: Path

    def write(self, processes: list[Process]) -> None:
        """Write down what runs, nothing as no file."""
        if processes:
            self.path.write_text(json.dumps([asdict(process) for process in processes], indent=1))
        else:
            self.path.unlink(missing_ok=True)

    def running(self) -> list[Process]:
        """Return what was written down and still runs."""
        rows = json.loads(self.path.read_text()) if self.path.exists() else []
        return [process for row in rows if (process := Process(**row)).alive()]


LEDGER = Ledger(RUN / "processes.json")


def stop(processes: list[Process], seconds: float = 15.0) -> list[Process]:
    """Ask all to end, the one started last before the others, and wait; return those that had to be killed."""
    for process in reversed(processes):
        send(process, signal.SIGTERM)
        # the edge ends its requests before the adapters that serve them are asked to go
        if process is processes[-1]:
            wait([process], seconds)
    late = wait(processes, seconds)
    for process in late:
        send(process, signal.SIGKILL)
    wait(late, seconds)
    return late


def send(process: Process, number: signal.Signals) -> None:
    """Signal a process unless it is gone."""
    if process.alive():
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def wait(processes: list[Process], seconds: float) -> list[Process]:
    """Wait until all have ended; return those that have not in time."""
    deadline = time.monotonic() + seconds
    while (running := [process for process in processes if process.alive()]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return running
