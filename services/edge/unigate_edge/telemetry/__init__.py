"""What the edge reports about a request: metrics, its log line, spans."""
