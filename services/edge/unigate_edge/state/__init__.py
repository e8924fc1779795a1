"""Where the edge remembers what outlives a request: in this process, or in a store that all its replicas share."""
