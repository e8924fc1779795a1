"""Figures as a table and as a picture."""

from xml.etree import ElementTree as ET

from bench.chart import chart
from bench.report import ROWS, table

OURS = {"chat": {"cpu_ms": 1.0}, "stream": {"cpu_ms": 4.0}, "idle": {"edge_mb": 90.0}}
FLOOR = {"chat": {"cpu_ms": 1.0}}
PEER = {"chat": {"cpu_ms": 10.0}, "stream": {"cpu_ms": 100.0}}


def row(text: str, start: str) -> list[str]:
    """The cells of the line that begins with a title."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_figure_over_its_bar_is_marked() -> None:
    assert row(table({"unigate": OURS}), "memory idle, edge")[2] == "**90 MB**"


def test_a_bar_may_be_a_multiple_of_another_figure_of_the_run() -> None:
    assert row(table({"unigate": OURS, "floor": FLOOR}), "CPU per stream")[2] == "**4 ms**"
    assert row(table({"unigate": OURS}), "CPU per stream")[2] == "4 ms"


def test_a_figure_within_its_bar_is_plain() -> None:
    assert row(table({"unigate": OURS}), "CPU per chat")[2] == "1 ms"


def test_the_bars_are_not_for_peers() -> None:
    assert row(table({"unigate": OURS, "Other": PEER}), "CPU per chat")[3] == "10 ms"


def test_what_was_not_measured_is_left_empty() -> None:
    assert row(table({"unigate": OURS}), "start to ready, edge")[2] == ""


def test_every_row_has_a_line() -> None:
    assert len(table({"unigate": OURS}).splitlines()) == len(ROWS) + 2


def test_the_chart_is_wellformed_and_names_every_gateway() -> None:
    root = ET.fromstring(chart({"unigate": OURS, "Other & Co": PEER}))
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words.count("unigate") == words.count("Other & Co") == 2
