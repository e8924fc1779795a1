"""Logs, metrics and labels that edge and adapters share."""
