"""What a key may use: requests, tokens, calls at a time and money, counted in this process or for all replicas."""
