"""OpenAI's request types, and the words in which a request that does not fit them is refused.

One module per operation. A key that no type knows is nobody's mistake here: the adapter has a table of those.
"""
