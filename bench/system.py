"""What Linux tells of a process: CPU time and memory, its children included; and of the machine."""

import os
import platform
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
PACKAGES = ("fastapi", "grpcio", "httptools", "aiohttp", "uvicorn", "uvloop")


@dataclass(frozen=True, slots=True)
class Tree:
    """A process and its descendants."""

    pid: int

    def pids(self) -> list[int]:
        """Return all that live now."""
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu(self) -> float:
        """Return user and system time so far, in seconds."""
        return sum(cpu_of(pid) for pid in self.pids())

    def memory(self) -> float:
        """Return resident memory in MB."""
        return sum(memory_of(pid) for pid in self.pids())


def cpu_of(pid: int) -> float:
    """Return a process's CPU seconds, its reaped children's included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICK


def memory_of(pid: int) -> float:
    """Return a process's resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def machine() -> dict[str, object]:
    """Return what a figure depends on beside the code."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run(["git", "status", "--porcelain", "-uno"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip() + (" with changes" if changed.stdout.strip() else ""),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {name: version(name) for name in PACKAGES},
    }
