"""Bytes: the HTTP client to vendors, event streams, uploads, media that clients name by URL."""
