"""OpenAI's own format on its way through to vendors that speak it."""
