"""The configuration: sections, loading, reloading, commands."""
