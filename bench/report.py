"""Figures -> docs/benchmarks/: the raw figures, a chart, and a table beside the bars that they have to meet."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.chart import chart
from bench.measures import Figures
from bench.system import machine

Results = dict[str, dict[str, Figures]]
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "benchmarks"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    title: str
    measure: str
    figure: str
    unit: str
    bar: float | None = None
    """The most that it may be."""


ROWS = (
    Row("CPU per chat request, all processes", "chat", "cpu_ms", "ms", 1.3),
    Row("– edge", "chat", "edge_cpu_ms", "ms"),
    Row("– adapter", "chat", "adapter_cpu_ms", "ms"),
    Row("– more with traces of 10 %", "traced", "chat_more_percent", "%", 10),
    Row("CPU per stream of 102 events, all processes", "stream", "cpu_ms", "ms", 3.0),
    Row("– edge", "stream", "edge_cpu_ms", "ms"),
    Row("– adapter", "stream", "adapter_cpu_ms", "ms"),
    Row("– more with traces of 10 %", "traced", "stream_more_percent", "%", 10),
    Row("CPU per request of Anthropic's Messages, passed through", "native", "messages_chat_cpu_ms", "ms"),
    Row("– stream", "native", "messages_stream_cpu_ms", "ms"),
    Row("CPU per request of Anthropic's Messages to an OpenAI model", "translated", "messages_chat_cpu_ms", "ms"),
    Row("– stream", "translated", "messages_stream_cpu_ms", "ms", 4.5),
    Row("CPU per request of Gemini's generateContent to an OpenAI model", "translated", "contents_chat_cpu_ms", "ms"),
    Row("– stream", "translated", "contents_stream_cpu_ms", "ms", 4.5),
    Row("CPU per event, one by one at 50/s", "paced", "cpu_us", "µs", 200),
    Row("– late by over 50 ms, 40 streams", "paced", "late_percent", "%", 0),
    Row("chat requests per second, closed loop, 32 connections", "chat", "per_second", ""),
    Row("added latency at 100/s, p50", "latency", "answer_added_p50_ms", "ms", 3),
    Row("added latency at 100/s, p99", "latency", "answer_added_p99_ms", "ms", 10),
    Row("direct latency at 100/s, p50", "latency", "answer_direct_p50_ms", "ms"),
    Row("direct latency at 100/s, p99", "latency", "answer_direct_p99_ms", "ms"),
    Row("added time to first token, p50", "latency", "first_token_added_p50_ms", "ms", 3),
    Row("added time to first token, p99", "latency", "first_token_added_p99_ms", "ms"),
    Row("memory idle, edge", "idle", "edge_mb", "MB", 110),
    Row("memory idle, adapter", "idle", "adapter_mb", "MB", 80),
    Row("memory idle, all processes", "idle", "all_mb", "MB"),
    Row("memory per open stream, all processes", "held", "kb_per_stream", "KB", 100),
    Row("8 uploads of 25 MB at once, peak over idle, edge", "upload", "edge_peak_mb", "MB", 100),
    Row("8 uploads of 25 MB at once, peak over idle, adapter", "upload", "adapter_peak_mb", "MB", 100),
    Row("start to ready, edge", "idle", "edge_ready_s", "s", 2.5),
    Row("start to ready, adapter", "idle", "adapter_ready_s", "s", 2.5),
    Row("start to ready, all in a row", "idle", "all_ready_s", "s"),
)


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
a fixed rate, from the moment a request was due, and told as what the gateway adds to the same percentile of calls that
go to the vendor directly. Streams have 102 events and 26 KB.
The floor is an edge and an adapter that pass bytes on and do nothing else: what differs between machines, and between
a quiet and a busy hour of one, shows in it as in the gateway.

[growth.md](growth.md) has what a request costs as bodies, histories, keys, aliases, providers and open streams grow.
Bifrost is not among the peers: its package fetches the program from elsewhere when it is first run.
"""
    )
    return text


def table(results: Results) -> str:
    """Return a Markdown table with a column for each gateway."""
    lines = [f"| | bar | {' | '.join(results)} |", f"| --- | --- {'| ---: ' * len(results)}|"]
    for row in ROWS:
        bar = "" if row.bar is None else f"≤ {row.bar:g} {row.unit}"
        cells = " | ".join(cell(row, figures, marked=index == 0) for index, figures in enumerate(results.values()))
        lines.append(f"| {row.title} | {bar} | {cells} |")
    return "\n".join(lines)


def cell(row: Row, figures: dict[str, Figures], *, marked: bool) -> str:
    """Return a figure with its unit, in bold where it is over the bar and the bar is ours."""
    value = figures.get(row.measure, {}).get(row.figure)
    if value is None:
        return ""
    text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    over = marked and row.bar is not None and value > row.bar
    return f"**{text} {row.unit}**" if over else f"{text} {row.unit}".strip()
