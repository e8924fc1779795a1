"""What an adapter is made of: the server, the calls, the HTTP client, authentication."""
