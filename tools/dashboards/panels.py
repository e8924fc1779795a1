"""Panels -> Grafana's JSON of them.

https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/
"""

from functools import singledispatch
from typing import Any

from tools.dashboards.parts import Bars, Column, Graph, Limits, Number, Query, Table

Json = dict[str, Any]

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
LAST = {"calcs": ["lastNotNull"], "fields": "", "values": False}
WIDTHS = {"model": 220}
"""Pixels that a label needs, where not 120."""
GOOD, WARN, BAD, NEUTRAL = "green", "orange", "red", "blue"


@singledispatch
def body(panel: object) -> Json:
    """A panel without its place, title and text."""
    raise TypeError(f"no panel: {panel!r}")


@body.register
def _graph(panel: Graph) -> Json:
    custom: Json = {
        "drawStyle": "line",
        "lineInterpolation": "stepAfter" if panel.steps else "linear",
        "lineWidth": 1 if panel.stacked else 2,
        "fillOpacity": 50 if panel.stacked else 0,
        "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"},
        "showPoints": "never",
        "thresholdsStyle": {"mode": "dashed" if panel.limits else "off"},
    }
    defaults: Json = {"unit": panel.unit, "color": {"mode": "palette-classic"}, "custom": custom}
    if panel.unit == "percentunit":
        # where all is zero, Grafana's axis would reach to 10000 %
        custom["axisSoftMax"] = 0.1
    if panel.log:
        custom["scaleDistribution"] = {"type": "log", "log": 10}
    else:
        defaults["min"] = 0
    if panel.steps:
        defaults["decimals"] = 0
    legend: Json = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
    if panel.many:
        legend |= {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]}
        legend |= {"sortBy": "Max", "sortDesc": True}
    return {
        "type": "timeseries",
        "fieldConfig": {
            "defaults": defaults | _limits(panel.limits) | _none(panel.none),
            "overrides": [_colored(*each) for each in panel.colors],
        },
        "options": {"legend": legend, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [_over_time(place, query, exemplars=panel.exemplars) for place, query in enumerate(panel.queries)],
    }


@body.register
def _number(panel: Number) -> Json:
    judged = panel.limits or panel.words
    color = {"mode": "thresholds"} if judged else {"mode": "fixed", "fixedColor": NEUTRAL}
    defaults: Json = {"unit": panel.unit, "color": color} | _limits(panel.limits) | _none(panel.none)
    if panel.words:
        defaults["mappings"] = _mappings(panel.words)
    else:
        defaults["min"] = 0
    return {
        "type": "stat",
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {
            "reduceOptions": LAST, "colorMode": "value",
            "graphMode": "area" if panel.past and not panel.words else "none",
            "textMode": "auto", "justifyMode": "auto", "orientation": "auto",
        },
        "targets": [_over_time(0, (panel.query, panel.legend), exemplars=False)],
    }  # fmt: skip


@body.register
def _bars(panel: Bars) -> Json:
    color = {"mode": "thresholds"} if panel.limits else {"mode": "fixed", "fixedColor": NEUTRAL}
    defaults: Json = {"unit": panel.unit, "min": 0, "color": color} | _limits(panel.limits) | _none(panel.none)
    if panel.full is not None:
        defaults["max"] = panel.full
    if panel.unit == "short":
        defaults["decimals"] = 0
    return {
        "type": "bargauge",
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {
            "reduceOptions": LAST, "displayMode": "basic", "orientation": "horizontal", "valueMode": "color",
            "showUnfilled": True, "namePlacement": "top", "sizing": "manual", "minVizHeight": 34, "maxVizHeight": 34,
            "minVizWidth": 8, "text": {"titleSize": 12, "valueSize": 14},
        },
        "targets": [_now(0, panel.query) | {"legendFormat": panel.legend}],
    }  # fmt: skip


@body.register
def _table(panel: Table) -> Json:
    alone = len(panel.columns) == 1
    fields = [*panel.labels, *("Value" if alone else f"Value #{_letter(at)}" for at in range(len(panel.columns)))]
    titles = [*(label.capitalize() for label in panel.labels), *(column.title for column in panel.columns)]
    return {
        "type": "table",
        "fieldConfig": {
            "defaults": {"custom": {"align": "auto", "filterable": False, "minWidth": 80}, **_none(panel.none)},
            "overrides": [
                *(_label(label, panel.to) for label in panel.labels),
                *(_column(column) for column in panel.columns),
            ],
        },
        "options": {"showHeader": True, "cellHeight": "sm", "sortBy": [{"displayName": panel.sort, "desc": True}]},
        "transformations": [
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True},
                    "indexByName": {name: place for place, name in enumerate(fields)},
                    "renameByName": dict(zip(fields, titles, strict=True)),
                },
            },
        ],
        "targets": [_now(place, column.query) | {"format": "table"} for place, column in enumerate(panel.columns)],
    }


def _label(label: str, to: str) -> Json:
    properties: list[Json] = [{"id": "custom.width", "value": WIDTHS.get(label, 120)}]
    if to:
        url = f"/d/unigate-{to}?var-{label}=${{__value.text}}&${{__url_time_range}}"
        properties.append({"id": "links", "value": [{"title": "Show more of it", "url": url}]})
    return {"matcher": {"id": "byName", "options": label.capitalize()}, "properties": properties}


def _column(column: Column) -> Json:
    properties: list[Json] = [{"id": "unit", "value": column.unit}]
    if column.limits:
        properties.append({"id": "thresholds", "value": _limits(column.limits)["thresholds"]})
    if column.words:
        properties.append({"id": "mappings", "value": _mappings(column.words)})
    if column.limits or column.words:
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    return {"matcher": {"id": "byName", "options": column.title}, "properties": properties}


def _colored(pattern: str, color: str) -> Json:
    return {
        "matcher": {"id": "byRegexp", "options": f"/{pattern}/"},
        "properties": [{"id": "color", "value": {"mode": "shades", "fixedColor": color}}],
    }


def _limits(limits: Limits | None) -> Json:
    if limits is None:
        # else Grafana's own apply: red from 80 on, whatever it is
        return {"thresholds": {"mode": "absolute", "steps": [{"color": GOOD, "value": None}]}}
    steps: list[Json] = (
        [{"color": BAD, "value": None}, {"color": WARN, "value": limits.bad}, {"color": GOOD, "value": limits.warn}]
        if limits.low
        else [
            {"color": GOOD, "value": None},
            {"color": WARN, "value": limits.warn},
            {"color": BAD, "value": limits.bad},
        ]
    )
    return {"thresholds": {"mode": "absolute", "steps": steps}}


def _none(text: str) -> Json:
    return {"noValue": text} if text else {}


def _mappings(words: tuple[tuple[int, str, str], ...]) -> list[Json]:
    options = {
        str(value): {"text": text, "color": color, "index": place} for place, (value, text, color) in enumerate(words)
    }
    return [{"type": "value", "options": options}]


def _letter(place: int) -> str:
    return chr(ord("A") + place)


def _over_time(place: int, query: Query, *, exemplars: bool) -> Json:
    expression, legend = query
    return {
        "refId": _letter(place), "datasource": SOURCE, "expr": expression, "legendFormat": legend or "__auto",
        "exemplar": exemplars, "instant": False, "range": True,
    }  # fmt: skip


def _now(place: int, expression: str) -> Json:
    return {
        "refId": _letter(place), "datasource": SOURCE, "expr": expression, "exemplar": False, "instant": True,
        "range": False,
    }  # fmt: skip
