"""An adapter's metrics and spans."""
