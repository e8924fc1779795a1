"""The HTTP/1.1 side of a connection: what uvicorn leaves open is bounded here."""
