"""Spans, in the processes that are told where to send them."""
