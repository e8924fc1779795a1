"""What an adapter is made of: the server, the calls, the HTTP client, authentication."""

from unigate_core.gc import raise_gc_threshold

# before the rest is imported: that is there to stay, and looking through it finds nothing
raise_gc_threshold()
