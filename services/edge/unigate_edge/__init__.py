"""unigate's edge: OpenAI's HTTP API in, gRPC to one adapter per provider. Knows no provider's native format."""
