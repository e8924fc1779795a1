"""The calls of adapters over gRPC."""
