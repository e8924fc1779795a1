"""What the Responses API remembers for providers that do not: responses, their input, and the chains they form."""
