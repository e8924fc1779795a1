"""Figures -> an SVG of horizontal bars, one group for each measure, that reads on light and dark pages alike."""

from collections.abc import Iterator
from html import escape

from bench.measures import Figures

GROUPS = (("chat", "CPU per chat request, ms"), ("stream", "CPU per stream of 102 events, ms"))
WIDTH, LABEL, LINE = 720, 110, 26
COLOURS = ("#2f6fde", "#9aa3af")


def chart(results: dict[str, dict[str, Figures]]) -> str:
    """Return the picture; bars of a group are to the scale of its largest figure."""
    parts, y = [], 8
    for measure, title in GROUPS:
        figures = {name: each[measure]["cpu_ms"] for name, each in results.items() if measure in each}
        parts.append(text(0, y + 16, title, weight="bold"))
        parts += bars(figures, y + LINE)
        y += LINE * (len(figures) + 1) + 12
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" font-family="sans-serif" font-size="13">'
    return "\n".join((head, *parts, "</svg>", ""))


def bars(figures: Figures, top: int) -> Iterator[str]:
    """Yield a bar with its name and figure for each gateway."""
    scale = (WIDTH - LABEL - 70) / max(figures.values())
    for index, (name, value) in enumerate(figures.items()):
        y = top + index * LINE
        width = max(1, round(value * scale))
        yield text(0, y + 15, name)
        yield f'<rect x="{LABEL}" y="{y}" width="{width}" height="20" rx="3" fill="{COLOURS[min(index, 1)]}"/>'
        yield text(LABEL + width + 8, y + 15, f"{value:.2f}")


def text(x: int, y: int, content: str, weight: str = "normal") -> str:
    """Return words at a place."""
    return f'<text x="{x}" y="{y}" fill="#808895" font-weight="{weight}">{escape(content)}</text>'
