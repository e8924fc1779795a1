"""Errors as the APIs of clients tell them: known to the edge, which finds some itself, and to the formats."""
