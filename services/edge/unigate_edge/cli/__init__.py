"""`unigate`: what people type. Serving, keys and checks of files are elsewhere; this speaks to a gateway that runs."""
