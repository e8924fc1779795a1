"""Figures -> docs/benchmarks/: the raw figures, a chart, and a table beside the bars that they have to meet."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.chart import chart
from bench.measures import Figures
from bench.system import machine

Results = dict[str, dict[str, Figures]]
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "benchmarks"


Of = tuple[str, str, str]
"""A figure of the run: gateway, measure, figure."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The most that a figure may be: so much in its row's unit or, with `of`, that many times another figure."""

    most: float
    of: Of | None = None
    name: str = ""
    """What `of` is called in the table."""

    def value(self, results: Results, unit: str) -> float | None:
        """The bar in the row's unit; None when the other figure was not measured."""
        if self.of is None:
            return self.most
        gateway, measure, figure = self.of
        other = results.get(gateway, {}).get(measure, {}).get(figure)
        if other is None:
            return None
        return self.most * other * (1000 if unit == "µs" and figure.endswith("_ms") else 1)

    def text(self, unit: str) -> str:
        """The bar as the table tells it."""
        return f"{self.most:g} × {self.name}" if self.of else f"{self.most:g} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    title: str
    measure: str
    figure: str
    unit: str
    bars: tuple[Bar, ...] = ()


def floors(most: float) -> Bar:
    """A bar as a multiple of the floor's chat."""
    return Bar(most, ("floor", "chat", "cpu_ms"), "F")


def floors_own(most: float, figure: str) -> Bar:
    """A bar as a multiple of the time in which the floor, which is little but its libraries, is ready."""
    return Bar(most, ("floor", "idle", figure), "the floor's")


def portkeys(most: float, measure: str, figure: str) -> Bar:
    """A bar as a multiple of Portkey's figure."""
    return Bar(most, ("Portkey", measure, figure), "Portkey's")


def passed(most: float, measure: str) -> Bar:
    """A bar as a multiple of what OpenAI's format costs, passed through."""
    return Bar(most, ("unigate", measure, "cpu_ms"), "OpenAI's")


ROWS = (
    Row("CPU per chat request, all processes", "chat", "cpu_ms", "ms", (floors(1.3), portkeys(0.65, "chat", "cpu_ms"))),
    Row("– edge", "chat", "edge_cpu_ms", "ms"),
    Row("– adapter", "chat", "adapter_cpu_ms", "ms"),
    Row("– with a history of 50 KB", "history", "cpu_ms_50_kb", "ms"),
    Row("– with a history of 400 KB", "history", "cpu_ms_400_kb", "ms"),
    Row("– more with traces of 10 %", "traced", "chat_more_percent", "%", (Bar(5),)),
    Row("– of a key with limits, the store down", "store_down", "cpu_ms", "ms"),
    Row(
        "CPU per stream of 102 events, all processes",
        "stream", "cpu_ms", "ms", (floors(2), portkeys(0.6, "stream", "cpu_ms")),
    ),
    Row("– edge", "stream", "edge_cpu_ms", "ms"),
    Row("– adapter", "stream", "adapter_cpu_ms", "ms"),
    Row("– more with traces of 10 %", "traced", "stream_more_percent", "%", (Bar(5),)),
    Row(
        "CPU per request of Anthropic's Messages, passed through",
        "native", "messages_chat_cpu_ms", "ms", (passed(1, "chat"),),
    ),
    Row("– stream", "native", "messages_stream_cpu_ms", "ms", (passed(1, "stream"),)),
    Row(
        "CPU per request of Anthropic's Messages to an OpenAI model",
        "translated", "messages_chat_cpu_ms", "ms", (passed(1.5, "chat"),),
    ),
    Row("– stream", "translated", "messages_stream_cpu_ms", "ms", (passed(1.5, "stream"),)),
    Row(
        "CPU per request of Gemini's generateContent to an OpenAI model",
        "translated", "contents_chat_cpu_ms", "ms", (passed(1.5, "chat"),),
    ),
    Row("– stream", "translated", "contents_stream_cpu_ms", "ms", (passed(1.5, "stream"),)),
    Row("CPU per event, one by one at 50/s", "paced", "cpu_us", "µs", (floors(0.16), portkeys(1, "paced", "cpu_us"))),
    Row("– late by over 50 ms, 40 streams", "paced", "late_percent", "%", (Bar(0),)),
    Row("– off the vendor's pace, p50", "paced", "jitter_p50_ms", "ms"),
    Row("– off the vendor's pace, p99", "paced", "jitter_p99_ms", "ms"),
    Row("chat requests per second, closed loop, 32 connections", "chat", "per_second", ""),
    Row("chat requests per second with under 10 ms added at p99", "capacity", "per_second", ""),
    Row("– per core that the gateway is busy on", "capacity", "per_core", ""),
    Row(
        "added latency at 100/s, p50",
        "latency", "answer_added_p50_ms", "ms", (portkeys(1, "latency", "answer_added_p50_ms"),),
    ),
    Row(
        "added latency at 100/s, p99",
        "latency", "answer_added_p99_ms", "ms", (portkeys(0.7, "latency", "answer_added_p99_ms"),),
    ),
    Row("– of a key with limits, the store down, p99", "store_down", "added_p99_ms", "ms"),
    Row("direct latency at 100/s, p50", "latency", "answer_direct_p50_ms", "ms"),
    Row("direct latency at 100/s, p99", "latency", "answer_direct_p99_ms", "ms"),
    Row("added time to first token, p50", "latency", "first_token_added_p50_ms", "ms"),
    Row("added time to first token, p99", "latency", "first_token_added_p99_ms", "ms"),
    Row("memory idle, edge", "idle", "edge_mb", "MB", (Bar(70),)),
    Row("memory idle, adapter", "idle", "adapter_mb", "MB", (Bar(65),)),
    Row("memory idle, all processes", "idle", "all_mb", "MB"),
    Row("memory per open stream, all processes", "held", "kb_per_stream", "KB", (Bar(100),)),
    Row("8 uploads of 25 MB at once, peak over idle, edge", "upload", "edge_peak_mb", "MB", (Bar(100),)),
    Row("8 uploads of 25 MB at once, peak over idle, adapter", "upload", "adapter_peak_mb", "MB", (Bar(100),)),
    Row("start to ready, edge", "idle", "edge_ready_s", "s", (floors_own(1.5, "edge_ready_s"),)),
    Row("start to ready, adapter", "idle", "adapter_ready_s", "s", (floors_own(1.5, "adapter_ready_s"),)),
    Row("start to ready, all in a row", "idle", "all_ready_s", "s"),
)  # fmt: skip


def write(results: Results) -> str:
    """Write the figures, the chart and the page; return the table."""
    about: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat(), **machine()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "results.json").write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    (FOLDER / "cpu.svg").write_text(chart(results))
    text = table(results)
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    (FOLDER / "README.md").write_text(
        f"""# Benchmarks

What the gateway itself costs, measured by `make bench` before a vendor that answers from memory: {about["date"]},
commit {about["commit"]}, {about["cores"]} cores shared with the load, Python {about["python"]}, {versions}.
The raw figures are in [results.json](results.json), the profile in [profile.md](profile.md). A figure over its bar is
marked.

![CPU per request, side by side](cpu.svg)

{text}

CPU is user and system time of the processes over the run, divided by the answers. Latency is taken in an open loop at
a fixed rate, from the moment a request was due, and reported as what the gateway adds to the same percentile of calls
that go to the vendor directly. Streams have 102 events and 26 KB.
The floor is an edge and an adapter that pass bytes on and do nothing else: what differs between machines, and between
a quiet and a busy hour of one, shows in it as in the gateway. F is what a chat costs there. Its events that come one by
one show what the shape itself costs, two hops with gRPC between them. It has the gateway's own client to vendors;
beside it stands the same on aiohttp, which is nothing but libraries, and was the floor until that client lowered it.
A chunk that holds nothing but usage, which this client has not asked for, is left out: one time between two events in
a hundred is two of the vendor's, and is what the 99th percentile of the pace shows.
Ferro (Go) and SGLang's router (Rust) are single programs that were compiled; the router passes bytes on to one vendor.

[growth.md](growth.md) has what a request costs as bodies, histories, keys, aliases, providers and open streams grow.
Bifrost is not among the peers: its package fetches the program from elsewhere when it is first run.
"""
    )
    return text


def table(results: Results) -> str:
    """Return a Markdown table with a column for each gateway."""
    lines = [f"| | bar | {' | '.join(results)} |", f"| --- | --- {'| ---: ' * len(results)}|"]
    for row in ROWS:
        told = ", ".join(f"≤ {bar.text(row.unit)}" for bar in row.bars)
        bars = [value for bar in row.bars if (value := bar.value(results, row.unit)) is not None]
        cells = (cell(row, figures, bars if name == "unigate" else ()) for name, figures in results.items())
        lines.append(f"| {row.title} | {told} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(row: Row, figures: dict[str, Figures], bars: Sequence[float]) -> str:
    """Return a figure with its unit, in bold where it is over a bar."""
    value = figures.get(row.measure, {}).get(row.figure)
    if value is None:
        return ""
    text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"**{text} {row.unit}**" if any(value > bar for bar in bars) else f"{text} {row.unit}".strip()
