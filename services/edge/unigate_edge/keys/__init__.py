"""Keys of the gateway's callers: made, and kept in a file or in a Secret of Kubernetes."""
