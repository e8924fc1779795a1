"""What formats are translated to and from."""
