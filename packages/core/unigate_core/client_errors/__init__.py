"""Errors in the forms of clients' APIs: known to the edge, which finds some itself, and to the formats."""
