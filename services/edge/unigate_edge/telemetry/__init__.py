"""What the edge tells of a request: metrics, its log line, spans."""
