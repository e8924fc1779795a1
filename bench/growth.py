"""`make bench-growth`: what a request costs as something grows, then docs/benchmarks/growth.md with its curves.

Each curve should be flat, or straight where work is done for every byte or message. SECONDS_EACH sets how long each
point takes.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import uvloop

from bench import exchange, measures
from bench.chart import text
from bench.load import Target, hold
from bench.measures import Figures
from bench.report import FOLDER
from bench.running import Gateway, unigate, upstream
from bench.system import machine
from tools.plan import Ports

CONNECTIONS = 16
KEY = "sk-bench"


@dataclass(frozen=True, slots=True)
class Curve:
    """Cost by size; `unit` is what is counted."""

    title: str
    unit: str
    points: Mapping[int, Figures]


async def cost(gateway: Gateway, goal: Target, seconds: float) -> Figures:
    """Return CPU per answer."""
    return await measures.cpu_per_answer(gateway, goal, CONNECTIONS, seconds, measures.whole)


def request(gateway: Gateway, turns: Sequence[Mapping[str, str]]) -> Target:
    """Return a chat request with these messages."""
    body = {"model": f"{gateway.provider}/whole", "messages": list(turns)}
    return Target(gateway.url, json.dumps(body).encode(), gateway.headers)


async def bodies(ports: Ports, vendor: str, seconds: float) -> list[Curve]:
    """Measure longer messages and longer histories, passed through, and longer Messages requests, translated."""
    lengths, counts = (1, 10, 50, 200, 400), (2, 20, 200, 1000)
    passed, translated, history = {}, {}, {}
    async with unigate(ports, vendor) as gateway:
        base = gateway.url.removesuffix("/v1/chat/completions")
        for kilobytes in lengths:
            words = (exchange.WORD * (1 + 1024 * kilobytes // len(exchange.WORD)))[: 1024 * kilobytes]
            passed[kilobytes] = await cost(gateway, request(gateway, [{"role": "user", "content": words}]), seconds)
            body = {"model": "openai/whole", "max_tokens": 9, "messages": [{"role": "user", "content": words}]}
            goal = Target(f"{base}/anthropic/v1/messages", json.dumps(body).encode(), gateway.headers)
            translated[kilobytes] = await measures.cpu_per_answer(
                gateway, goal, CONNECTIONS, seconds, measures.in_vendors_format
            )
        for count in counts:
            roles = ("user", "assistant")
            turns = [{"role": roles[number % 2], "content": exchange.WORD} for number in range(count - 1)]
            history[count] = await cost(gateway, request(gateway, [*turns, {"role": "user", "content": "?"}]), seconds)
    return [
        Curve("Chat passed through, by size", "KB", passed),
        Curve("Anthropic's Messages to an OpenAI model, by size", "KB", translated),
        Curve("Chat passed through, by messages of its history", "messages", history),
    ]


async def configured(ports: Ports, vendor: str, seconds: float) -> list[Curve]:
    """Measure more keys, aliases and providers in the configuration."""
    digest = sha256(KEY.encode()).hexdigest()
    limits = {"requests_per_minute": 10_000_000, "tokens_per_minute": 1_000_000_000}
    curves = []
    for title, unit, sizes in (("keys", "keys", (10, 1000, 10_000)), ("aliases", "aliases", (10, 1000)),
                               ("providers", "providers", (1, 10, 40))):  # fmt: skip
        points = {}
        for size in sizes:
            more: dict[str, Any] = {}
            if title == "keys":
                others = [{"name": f"key-{n}", "sha256": f"{n:064x}", "models": ["*"]} for n in range(size - 1)]
                more["keys"] = [*others, {"name": "bench", "sha256": digest, "models": ["*"], "limits": limits}]
            elif title == "aliases":
                more["aliases"] = {f"alias-{n}": "openai/whole" for n in range(size)}
            else:
                more["copies"] = size - 1
            headers = {"authorization": f"Bearer {KEY}"} if title == "keys" else {}
            async with unigate(ports, vendor, config=more, headers=headers) as gateway:
                points[size] = await cost(gateway, measures.target(gateway, "whole"), seconds)
        curves.append(Curve(f"Chat, by {title} of the configuration", unit, points))
    return curves


async def streams(ports: Ports, vendor: str, seconds: float) -> list[Curve]:
    """Measure a chat beside open, silent streams, and their memory."""
    points: dict[int, Figures] = {}
    for count in (10, 100, 1000):
        async with unigate(ports, vendor) as gateway:
            await cost(gateway, measures.target(gateway, "whole"), 1)
            before = sum(process.tree.memory() for process in gateway.processes)
            held = await hold(measures.target(gateway, "held", stream=True), count)
            after = sum(process.tree.memory() for process in gateway.processes)
            points[count] = await cost(gateway, measures.target(gateway, "whole"), seconds)
            points[count]["kb_per_stream"] = 1024 * (after - before) / count
            for connection in held:
                connection.close()
    return [Curve("Chat beside open streams", "open streams", points)]


def page(curves: Sequence[Curve], about: Mapping[str, Any]) -> str:
    """Return the page: a table for each curve."""
    parts = [
        "# Growth\n",
        f"CPU of all processes per request as something grows, by `make bench-growth`: {about['date']},",
        f"{about['cores']} cores shared with the load, Python {about['python']}. A curve should be flat, or straight",
        "where every byte is looked at.\n",
        "![CPU per request by size](growth.svg)",
    ]
    for curve in curves:
        memory = any("kb_per_stream" in point for point in curve.points.values())
        parts.append(
            f"\n## {curve.title}\n\n| {curve.unit} | ms | edge | adapter |{' KB per stream |' if memory else ''}"
        )
        parts.append(f"| ---: | ---: | ---: | ---: |{' ---: |' if memory else ''}")
        for size, point in curve.points.items():
            cells = [f"{size:,}", *(f"{point[name]:.2f}" for name in ("cpu_ms", "edge_cpu_ms", "adapter_cpu_ms"))]
            cells += [f"{point['kb_per_stream']:.0f}"] if memory else []
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def picture(curves: Sequence[Curve]) -> str:
    """Return the curves as an SVG: a small chart for each, sizes in equal steps."""
    width, height, parts = 340, 130, []
    for index, curve in enumerate(curves):
        left, top = (index % 2) * (width + 20), (index // 2) * (height + 40)
        values = [point["cpu_ms"] for point in curve.points.values()]
        scale, step = (height - 50) / max(values), (width - 60) / max(1, len(values) - 1)
        places = [(left + 20 + number * step, top + height - 20 - value * scale) for number, value in enumerate(values)]
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
        parts.append(text(left, top + 14, curve.title, weight="bold"))
        parts.append(f'<polyline points="{line}" fill="none" stroke="#2f6fde" stroke-width="2"/>')
        for (x, y), size, value in zip(places, curve.points, values, strict=True):
            parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3" fill="#2f6fde"/>')
            parts += [
                text(round(x) - 8, round(y) - 8, f"{value:.2f}"),
                text(round(x) - 8, top + height - 2, f"{size:,}"),
            ]
    rows = (len(curves) + 1) // 2
    box = f"0 0 {2 * width + 40} {rows * (height + 40)}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="sans-serif" font-size="11">'
    return "\n".join((head, *parts, "</svg>", ""))


async def main() -> None:
    """Measure all curves and write the page."""
    seconds, ports = float(os.environ.get("SECONDS_EACH", "4")), Ports()
    curves: list[Curve] = []
    async with upstream(ports) as vendor:
        for measure in (bodies, configured, streams):
            curves += await measure(ports, vendor, seconds)
    about = {"date": datetime.now(UTC).date().isoformat(), **machine()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    raw = {curve.title: curve.points for curve in curves}
    (FOLDER / "growth.json").write_text(json.dumps({"about": about, "curves": raw}, indent=1) + "\n")
    (FOLDER / "growth.svg").write_text(picture(curves))
    (FOLDER / "growth.md").write_text(page(curves, about))
    print(page(curves, about))


if __name__ == "__main__":
    uvloop.run(main())
