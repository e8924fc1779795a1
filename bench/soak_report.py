"""Samples of a soak -> docs/benchmarks/soak.json, soak.svg and soak.md."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any

from bench.chart import COLOURS, text
from bench.report import FOLDER

WIDTH, HEIGHT, LEFT = 720, 300, 50
ROWS = 11
LAST = 1 / 3
"""Of the time under load, over which memory has to be level."""


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the rise per unit of the line that fits best; 0 for fewer than two points."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def last_third(results: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the samples of the last third of the time under load."""
    end = results["seconds"]
    return [each for each in results["samples"] if end * (1 - LAST) <= each["seconds"] <= end]


def growth(results: dict[str, Any]) -> dict[str, float]:
    """Return by how many MB a minute each process grew in the last third."""
    late = last_third(results)
    names = late[0]["memory"] if late else {}
    return {name: 60 * slope([(each["seconds"], each["memory"][name]) for each in late]) for name in names}


def write(results: dict[str, Any]) -> None:
    """Write the three files."""
    (FOLDER / "soak.json").write_text(json.dumps(results, indent=1) + "\n")
    (FOLDER / "soak.svg").write_text(chart(results))
    page = report(results)
    (FOLDER / "soak.md").write_text(page)
    print(page)


def report(results: dict[str, Any]) -> str:
    """Return the page."""
    samples, about = results["samples"], results["machine"]
    names = [name for name in samples[0]["memory"] if name != "simulator"]
    under_load = [each for each in samples if each["seconds"] <= results["seconds"]]
    step = max(1, (len(under_load) - 1) // (ROWS - 1))
    shown = under_load[::step]
    answers = {int(status): count for status, count in results["answers"].items()}
    limit = sum(samples[-1]["store_limits"].values())
    lines = [
        "# Soak",
        "",
        *fill(
            f"{results['seconds'] / 60:.0f} minutes of mixed load by `make soak`: {datetime.now(UTC):%Y-%m-%d}, commit"
            f" {about['commit']}, {about['cores']} cores shared with the load and the simulated vendors, Python"
            f" {about['python']}. {results['clients']} clients at once sent {sum(answers.values()):,} requests, chat,"
            f" Responses, embeddings, pictures, uploads, whole and streamed; {results['faults_percent']} % were faults:"
            " failing, cut, malformed and unfinished answers of vendors, requests that cannot be read, and clients that"
            " leave a stream, a wait, an upload or a half-sent head. The raw figures are in [soak.json](soak.json)."
        ),
        "",
        "![Memory over time](soak.svg)",
        "",
        *fill(
            f"The edge's own stores may take {limit:.0f} MB here (`unigate_memory_store_limit_bytes`); once they are"
            " full, memory has to stay level. By default they may take "
            f"{results['default_store_mb']:.0f} MB; with a shared store they take none."
        ),
        "",
        "| minute | " + " | ".join(names) + " | stores | open files, edge |",
        "| ---: |" + " ---: |" * (len(names) + 2),
    ]
    for each in shown:
        memory = " | ".join(f"{each['memory'][name]:.0f} MB" for name in names)
        stores = sum(each["stores"].values())
        lines.append(f"| {each['seconds'] / 60:.0f} | {memory} | {stores:.0f} MB | {each['files']['edge']} |")
    grown, end = growth(results), samples[-1]
    lines += [
        "",
        *fill(
            "Growth over the last third, MB a minute: "
            + ", ".join(f"{name} {grown.get(name, 0.0):+.2f}" for name in names)
            + f". When all clients had left: {end['in_flight']:.0f} requests in flight, {end['connections']:.0f}"
            f" connections and {end['files']['edge']} files open at the edge, {samples[0]['files']['edge']} at first."
        ),
        "",
        "| answers | number |",
        "| --- | ---: |",
    ]
    words = {0: "broken off, as the vendor did", 499: "left by the client"}
    lines += [f"| {words.get(status, status)} | {count:,} |" for status, count in sorted(answers.items())]
    return "\n".join(lines) + "\n"


def fill(paragraph: str) -> list[str]:
    """Return a paragraph's lines."""
    return wrap(paragraph, 120, break_long_words=False, break_on_hyphens=False)


def chart(results: dict[str, Any]) -> str:
    """Return a picture of the edge's memory and of its stores over time."""
    samples = results["samples"]
    series = {
        "edge, resident": [(each["seconds"], each["memory"]["edge"]) for each in samples],
        "its stores": [(each["seconds"], sum(each["stores"].values())) for each in samples],
    }
    right = max(each["seconds"] for each in samples)
    top = 1.15 * max(y for points in series.values() for _, y in points)
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">']
    for tick in range(0, int(top) + 1, 50):
        y = round((HEIGHT - 30) * (1 - tick / top))
        parts += [text(0, y + 4, f"{tick} MB"), f'<path d="M{LEFT} {y}H{WIDTH}" stroke="#808895" stroke-width="0.3"/>']
    for minute in range(0, int(right // 60) + 1, 5):
        parts.append(text(LEFT + round((WIDTH - LEFT - 20) * minute * 60 / right), HEIGHT - 8, f"{minute} min"))
    for (name, points), colour in zip(series.items(), COLOURS, strict=True):
        places = [
            f"{LEFT + (WIDTH - LEFT - 20) * x / right:.1f} {(HEIGHT - 30) * (1 - y / top):.1f}" for x, y in points
        ]
        parts.append(f'<path d="M{" L".join(places)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        last = round((HEIGHT - 30) * (1 - points[-1][1] / top))
        parts.append(text(WIDTH - 120, last - 8, name))
    return "\n".join((*parts, "</svg>", ""))
