"""Speech and transcription by Gemini."""
