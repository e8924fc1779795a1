"""One call of the edge, from the request to its last frame."""
