"""What the gateway itself costs: CPU per request and event, latency added, memory, time to start. `make bench`."""
