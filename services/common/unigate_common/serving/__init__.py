"""The process of an adapter, and one call in it from the contract's request to its answer."""
