"""What all adapters share: the contract's reading of requests, neutral events, framers, server lifecycle."""
