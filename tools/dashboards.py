"""`make metrics`: Grafana's JSON of every dashboard in tools/dashboard_*.py, into the chart.

https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

import json
import sys
from typing import Any

from tools.dashboard_inside import HOPS, RUNTIME, TENANTS
from tools.dashboard_queries import Dashboard, Panel, Row
from tools.dashboard_service import MODELS, OVERVIEW, PROVIDERS
from tools.discovery import ROOT

FOLDER = ROOT / "deploy/helm/unigate/dashboards"
WIDTH = 24
HEIGHT = 8
STAT_HEIGHT = 4
SOURCE = {"type": "prometheus", "uid": "${datasource}"}

DASHBOARDS = (OVERVIEW, PROVIDERS, MODELS, HOPS, TENANTS, RUNTIME)

Json = dict[str, Any]


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
                "title": "unigate", "type": "dashboards", "tags": ["unigate"], "asDropdown": True, "includeVars": True,
                "keepTime": True, "icon": "external link", "targetBlank": False, "tooltip": "", "url": "",
            }
        ],
        "templating": {"list": [_datasource(), *(_variable(name) for name in dashboard.variables)]},
        "annotations": {"list": []},
        "panels": _panels(dashboard.rows),
    }  # fmt: skip


def _datasource() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0}


def _variable(name: str) -> Json:
    label = "key" if name == "key" else name
    metric = "unigate_key_requests_total" if name == "key" else "unigate_requests_total"
    return {
        "name": name,
        "label": name.capitalize(),
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": f"label_values({metric}, {label})", "refId": name},
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
        panels.append({
            "id": len(panels) + 1, "type": "row", "title": row.title, "collapsed": False, "panels": [],
            "gridPos": {"h": 1, "w": WIDTH, "x": 0, "y": y},
        })  # fmt: skip
        y += 1
        x = 0
        width = WIDTH // min(len(row.panels), 6 if row.panels[0].kind == "stat" else 3)
        height = STAT_HEIGHT if row.panels[0].kind == "stat" else HEIGHT
        for panel in row.panels:
            if x + width > WIDTH:
                x, y = 0, y + height
            panels.append(_panel(panel, len(panels) + 1, {"h": height, "w": width, "x": x, "y": y}))
            x += width
        y += height
    return panels


def _panel(panel: Panel, number: int, place: Json) -> Json:
    defaults: Json = {"unit": panel.unit, "min": 0}
    options: Json = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    if panel.kind == "stat":
        options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "colorMode": "value"}
    elif panel.kind == "timeseries":
        stacked = {"mode": "normal", "group": "A"} if panel.stacked else {"mode": "none", "group": "A"}
        defaults["custom"] = {"fillOpacity": 30 if panel.stacked else 8, "lineWidth": 1, "stacking": stacked,
                              "showPoints": "never"}  # fmt: skip
    if panel.warn is not None:
        defaults["thresholds"] = {
            "mode": "absolute",
            "steps": [{"color": "green", "value": None}, {"color": "orange", "value": panel.warn}],
        }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {
                "refId": chr(ord("A") + place_of),
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend or "__auto",
                "exemplar": panel.exemplars,
                "instant": False,
                "range": True,
            }
            for place_of, (expression, legend) in enumerate(panel.queries)
        ],
    }


def files() -> dict[str, str]:
    """The text of every dashboard by the name of its file."""
    return {f"{each.name}.json": json.dumps(build(each), indent=1) + "\n" for each in DASHBOARDS}


def main() -> int:
    """Write the dashboards, and remove those that are none any more."""
    FOLDER.mkdir(exist_ok=True)
    written = files()
    for path in FOLDER.glob("*.json"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
