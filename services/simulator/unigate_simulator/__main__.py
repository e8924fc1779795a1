"""`python -m unigate_simulator`: serve until SIGTERM."""

import uvicorn

from unigate_simulator.app import Simulator
from unigate_simulator.settings import Settings


def main() -> None:
    settings = Settings()
    host, _, port = settings.listen.rpartition(":")
    uvicorn.run(
        Simulator(settings),
        host=host.strip("[]") or "127.0.0.1",
        port=int(port),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


if __name__ == "__main__":
    main()
