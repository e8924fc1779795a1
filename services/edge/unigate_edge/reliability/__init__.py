"""Retries, fallbacks, circuits; answers that are given again."""
