"""`make bench`: measure, then write docs/benchmarks/.

PEERS=1 measures other gateways in the same run; SECONDS_EACH sets how long each measurement takes.
"""

import os

import uvloop

from bench import measures
from bench.measures import Effort, Figures
from bench.peers import PEERS
from bench.report import Results, write
from bench.running import Gateway, unigate, upstream
from tools.plan import Ports


async def measure(gateway: Gateway, direct: Gateway, effort: Effort) -> dict[str, Figures]:
    """Take every figure of one gateway."""
    print(f"measuring {gateway.name}", flush=True)
    return {
        "idle": measures.idle(gateway),
        "chat": await measures.chat(gateway, effort),
        "stream": await measures.stream(gateway, effort),
        "paced": await measures.paced(gateway, effort),
        "latency": await measures.latency(gateway, direct, effort),
        "held": await measures.held(gateway, effort),
        # the way of files is this gateway's own affair; peers are not asked
        **({"upload": await measures.upload(gateway, effort)} if gateway.provider else {}),
    }


async def main() -> None:
    """Measure this gateway and, where asked for, its peers."""
    effort = Effort(seconds=float(os.environ.get("SECONDS_EACH", "10")))
    ports, results = Ports(), Results()
    starters = [unigate, *(PEERS if os.environ.get("PEERS") else ())]
    async with upstream(ports) as vendor:
        direct = Gateway("direct", f"{vendor}/v1/chat/completions")
        for start in starters:
            async with start(ports, vendor) as gateway:
                results[gateway.name] = await measure(gateway, direct, effort)
    print(write(results))


if __name__ == "__main__":
    uvloop.run(main())
