"""The wire formats of text generation, each translated to and from the neutral form. Nothing here does I/O."""
