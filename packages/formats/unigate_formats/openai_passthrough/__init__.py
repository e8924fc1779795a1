"""OpenAI's own formats on their way through to vendors that speak them."""
