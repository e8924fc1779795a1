"""Dashboards -> the JSON that Grafana imports.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from tools.dashboards.panels import SOURCE, Json, body
from tools.dashboards.parts import Dashboard, Row, Variable

WIDTH = 24
ACROSS = 3
LISTED: dict[Variable, str] = {
    "provider": "unigate_requests_total",
    "model": 'unigate_requests_total{provider=~"$provider"}',
    "key": "unigate_key_requests_total",
    "job": "unigate_event_loop_lag_seconds_count",
}
"""The series whose label values a variable offers."""


def build(dashboard: Dashboard) -> Json:
    """One dashboard as Grafana imports it."""
    return {
        "uid": f"unigate-{dashboard.name}",
        "title": f"unigate / {dashboard.title}",
        "description": dashboard.text,
        "tags": ["unigate"],
        "editable": True,
        "graphTooltip": 1,
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [
            {
                "title": "unigate", "type": "dashboards", "tags": ["unigate"], "asDropdown": False, "includeVars": True,
                "keepTime": True, "icon": "external link", "targetBlank": False, "tooltip": "", "url": "",
            }
        ],
        "templating": {"list": [_datasource(), *(_variable(name) for name in dashboard.variables)]},
        "annotations": {"list": []},
        "panels": _panels(dashboard.rows),
    }  # fmt: skip


def _datasource() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}


def _variable(name: Variable) -> Json:
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": f"label_values({LISTED[name]}, {name})", "refId": name},
        "refresh": 2,
        "sort": 1,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
        "hide": 0,
    }


def _panels(rows: tuple[Row, ...]) -> list[Json]:
    panels: list[Json] = []
    y = 0
    for row in rows:
        place = {"h": 1, "w": WIDTH, "x": 0, "y": y}
        panels.append({"id": len(panels) + 1, "type": "row", "title": row.title, "collapsed": False, "panels": [],
                       "gridPos": place})  # fmt: skip
        y += 1
        x = 0
        widths = row.widths or (WIDTH // min(len(row.panels), ACROSS),)
        for at, panel in enumerate(row.panels):
            width = widths[at % len(widths)]
            if x + width > WIDTH:
                x, y = 0, y + row.height
            panels.append({
                "id": len(panels) + 1, "title": panel.title, "description": panel.text, "datasource": SOURCE,
                "gridPos": {"h": row.height, "w": width, "x": x, "y": y}, **body(panel),
            })  # fmt: skip
            x += width
        y += row.height
    return panels
