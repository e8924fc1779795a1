"""OpenAI's Responses. https://platform.openai.com/docs/api-reference/responses"""

COMPACT = "responses/compact"
"""The path below /v1 at which a conversation is compacted."""
