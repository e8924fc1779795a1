"""The section of the configuration about clients' connections."""

from __future__ import annotations

from pydantic import Field

from unigate_edge.config.section import ConfigModel


class Connections(ConfigModel):
    """What one client's connection may take, before any key is known. Times are in seconds."""

    max: int = Field(default=20_000, gt=0)
    """Open connections of one edge process. Further ones get 503 and are closed."""
    url_bytes: int = Field(default=16 * 1024, gt=0)
    """Of a request's target, path and query; longer ones get 414."""
    head_bytes: int = Field(default=64 * 1024, gt=0)
    """Of all header names and values together; larger heads get 431."""
    headers: int = Field(default=200, gt=0)
    """Header fields of a request; more get 431."""
    head_timeout: float = Field(default=15, gt=0)
    """From the first byte of a request to the end of its headers; then 408."""
    idle_timeout: float = Field(default=75, gt=0)
    """Between two requests, and before the first; then the connection is closed. More than a load balancer's own."""
    body_timeout: float = Field(default=30, gt=0)
    """For a request's body, beside the time that `body_rate` gives it; then 408."""
    body_rate: int = Field(default=1024, gt=0)
    """Bytes a second at which a body may come in at the slowest, once `body_timeout` is used up."""
    write_timeout: float = Field(default=60, gt=0)
    """For which a client may leave an answer unread that no longer fits into the socket; then it is cut off."""
