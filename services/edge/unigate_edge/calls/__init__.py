"""A POST of OpenAI's API → a call of one adapter → its answer, whole or streamed."""
