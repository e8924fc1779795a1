"""Speech and transcripts: OpenAI's formats ⇄ Gemini's."""
