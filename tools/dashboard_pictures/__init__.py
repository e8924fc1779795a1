"""The dashboards, looked at: drawn by Grafana's own components from what a real Prometheus has seen of the gateway."""
