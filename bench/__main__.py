"""`make bench`: measure, then write docs/benchmarks/.

PEERS=1 measures other gateways in the same run; SECONDS_EACH sets how long each measurement takes.
"""

import os

import uvloop

from bench import measures
from bench.measures import Effort, Figures
from bench.peers import PEERS
from bench.report import Results, write
from bench.running import Gateway, collector, floor, unigate, unigate_limited, upstream
from tools.plan import Ports


async def measure(gateway: Gateway, direct: Gateway, effort: Effort) -> dict[str, Figures]:
    """Take every figure of one gateway."""
    print(f"measuring {gateway.name}", flush=True)
    figures = {"idle": measures.idle(gateway)}
    figures["chat"] = await measures.chat(gateway, effort)
    figures["stream"] = await measures.stream(gateway, effort)
    figures["history"] = await measures.histories(gateway, effort)
    figures["held"] = await measures.held(gateway, effort)
    # an open loop before a gateway that cannot keep up measures how long the queue has grown, nothing else
    if min(figures["chat"]["per_second"], figures["stream"]["per_second"]) > 1.3 * effort.rate:
        figures["paced"] = await measures.paced(gateway, effort)
        figures["latency"] = await measures.latency(gateway, direct, effort)
        figures["capacity"] = await measures.capacity(gateway, direct, effort)
    # the way of files is this gateway's own affair; peers are not asked
    if gateway.provider:
        figures["upload"] = await measures.upload(gateway, effort)
        figures["translated"] = await measures.vendors_apis(gateway, effort)
    return figures


async def measure_floor(gateway: Gateway, direct: Gateway, effort: Effort) -> dict[str, Figures]:
    """Take those figures of the floor that others are set against."""
    return {
        "idle": measures.idle(gateway),
        "chat": await measures.chat(gateway, effort),
        "stream": await measures.stream(gateway, effort),
        "paced": await measures.paced(gateway, effort),
        "latency": await measures.latency(gateway, direct, effort),
    }


async def main() -> None:
    """Measure this gateway and, where asked for, its peers."""
    effort = Effort(seconds=float(os.environ.get("SECONDS_EACH", "10")))
    ports, results, table = Ports(), Results(), ""
    starters = [unigate, *(PEERS if os.environ.get("PEERS") else ())]
    async with upstream(ports) as vendor:
        direct = Gateway("direct", f"{vendor}/v1/chat/completions")
        for start in starters:
            async with start(ports, vendor) as gateway:
                results[gateway.name] = await measure(gateway, direct, effort)
                if start is unigate:
                    async with unigate(ports, vendor, provider="anthropic") as native:
                        results[gateway.name]["native"] = await measures.vendors_apis(native, effort)
                    async with collector(ports) as settings, unigate(ports, vendor, settings) as traced:
                        results[gateway.name]["traced"] = await measures.tracing(gateway, traced, effort)
                    async with unigate_limited(ports, vendor) as limited:
                        results[gateway.name]["store_down"] = await measures.store_down(limited, direct, effort)
                    # right after it, while the machine is as it was
                    for client in ("direct", "aiohttp"):
                        async with floor(ports, vendor, client) as bare:
                            results[bare.name] = await measure_floor(bare, direct, effort)
            table = write(results)
    print(table)


if __name__ == "__main__":
    uvloop.run(main())
