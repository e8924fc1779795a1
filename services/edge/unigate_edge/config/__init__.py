"""The configuration: its sections, loading and reloading."""
