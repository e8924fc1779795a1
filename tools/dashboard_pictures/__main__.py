"""`python -m tools.dashboard_pictures`: run the gateway under the demo's load, draw what every dashboard shows.

Needs Debian's `prometheus` and `chromium`, and npm. MINUTES says for how long (default 10), ONLY=overview,hops which.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.demo_system import Demo, running
from tools.discovery import ROOT

HERE = Path(__file__).parent
PICTURES = ROOT / "docs/dashboards"
SCRAPE = "5"


async def load(demo: Demo, minutes: float) -> None:
    """Days in little: calm, busy, too busy, and once in a while something else."""
    ends = time.monotonic() + 60 * minutes
    day = 0
    while time.monotonic() < ends:
        await demo.load(40, at_once=4, rest=0.5)
        await demo.load(30, at_once=8, rest=0.3)
        await demo.load(20, at_once=12, rest=0.2)
        await demo.load(6, at_once=24, rest=0.1)
        await demo.load(20, at_once=8, rest=0.3)
        if day == 1:
            await demo.load_without_store(10)
            demo.reload()
        day += 1


def draw(prometheus: str, minutes: float) -> None:
    """Draw what Prometheus knows of the last minutes."""
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    environment = os.environ | {"PROMETHEUS": prometheus, "MINUTES": str(minutes), "SCRAPE": SCRAPE}
    subprocess.run(["npm", "run", "--silent", "pictures", "--", str(PICTURES)], cwd=HERE, env=environment, check=True)


def main() -> int:
    """Run, load, draw."""
    minutes = float(os.environ.get("MINUTES") or 10)
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data), f"{SCRAPE}s") as demo:
        asyncio.run(load(demo, minutes))
        draw(demo.prometheus, minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
