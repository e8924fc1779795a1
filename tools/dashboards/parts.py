"""What dashboards are made of."""

from dataclasses import dataclass
from typing import Literal

Query = tuple[str, str]
"""An expression, and the legend of its series."""


@dataclass(frozen=True)
class Limits:
    """From which value on a number is orange, and from which on red; below which, where `low`."""

    warn: float
    bad: float
    low: bool = False


@dataclass(frozen=True)
class Graph:
    """Series over time."""

    title: str
    unit: str
    queries: tuple[Query, ...]
    text: str = ""
    stacked: bool = False
    exemplars: bool = False
    log: bool = False
    """For what spans orders of magnitude."""
    steps: bool = False
    """For whole numbers that stay until they change."""
    limits: Limits | None = None
    """Shown as dashed lines."""
    colors: tuple[tuple[str, str], ...] = ()
    """By pattern of the series' names; several series of one pattern get shades."""
    many: bool = False
    """So many series that their names stand in a table beside them."""
    none: str = ""
    """What an empty graph says."""


@dataclass(frozen=True)
class Number:
    """The last value, one or one of each series. Without limits it is neither good nor bad."""

    title: str
    unit: str
    query: str
    text: str = ""
    legend: str = ""
    limits: Limits | None = None
    words: tuple[tuple[int, str, str], ...] = ()
    """Values that have a name and a color."""
    past: bool = True
    """Show the values before, small."""
    none: str = ""


@dataclass(frozen=True)
class Bars:
    """What is so now, one bar of each series, in the order of the query."""

    title: str
    unit: str
    query: str
    legend: str
    text: str = ""
    limits: Limits | None = None
    full: float | None = None
    none: str = ""


@dataclass(frozen=True)
class Column:
    """A column of numbers."""

    title: str
    unit: str
    query: str
    limits: Limits | None = None
    words: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """What is so now: a row of each value of labels, which link to `to`. The greatest of `sort` come first."""

    title: str
    labels: tuple[str, ...]
    columns: tuple[Column, ...]
    sort: str
    text: str = ""
    to: str = ""
    none: str = ""


Panel = Graph | Number | Bars | Table


@dataclass(frozen=True)
class Row:
    """Panels side by side, as wide as `widths` says, in turn, of a width of 24; else each the same."""

    title: str
    panels: tuple[Panel, ...]
    height: int = 8
    widths: tuple[int, ...] = ()


Variable = Literal["provider", "model", "key", "job"]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard; `name` is that of its file."""

    name: str
    title: str
    text: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
