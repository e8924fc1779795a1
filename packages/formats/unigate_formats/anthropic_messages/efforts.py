"""The levels of effort of the Messages API. https://docs.anthropic.com/en/docs/build-with-claude/effort"""

from __future__ import annotations

EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""From the least to the most."""
