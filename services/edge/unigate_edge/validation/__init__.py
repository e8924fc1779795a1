"""OpenAI's request types, and the words in which a request that does not fit them is refused.

One module per operation. An unknown key is no error here: the adapter has a table of those.
"""
