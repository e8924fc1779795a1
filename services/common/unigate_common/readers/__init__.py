"""OpenAI's request formats → the neutral chat request, written once for all providers."""
