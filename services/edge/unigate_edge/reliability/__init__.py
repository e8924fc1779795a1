"""What stands between a request and one attempt to answer it: retries, fallbacks, circuits, weights, shedding."""
