"""`make down`: stop what `make up` started here."""

import sys

from tools.processes import LEDGER, stop


def main() -> int:
    """Stop all that runs; return 0 also when nothing does."""
    running = LEDGER.running()
    killed = stop(running, seconds=40)
    LEDGER.write([])
    for process in killed:
        print(f"{process.name} (process {process.pid}) did not end in time and was killed", file=sys.stderr)
    print(f"stopped {', '.join(process.name for process in running)}" if running else "nothing is running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
