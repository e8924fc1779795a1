"""Grafana's dashboards: what they show, and the JSON of it."""
