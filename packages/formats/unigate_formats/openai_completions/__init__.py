"""OpenAI's Completions, the API before chats. https://platform.openai.com/docs/api-reference/completions"""
