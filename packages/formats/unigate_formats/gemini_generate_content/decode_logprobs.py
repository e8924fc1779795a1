"""logprobsResult → OpenAI's logprobs. https://ai.google.dev/api/generate-content#LogprobsResult"""

from __future__ import annotations

from unigate_core.json import Json


def logprobs_of(result: Json) -> list[Json]:
    """One item per token, with the alternatives where they were asked for."""
    tops = result.get("topCandidates") or []
    return [
        _token(chosen)
        | {"top_logprobs": [_token(top) for top in (tops[i].get("candidates") or [])] if i < len(tops) else []}
        for i, chosen in enumerate(result.get("chosenCandidates") or [])
    ]


def _token(candidate: Json) -> Json:
    token = candidate.get("token", "")
    return {"token": token, "logprob": candidate.get("logProbability", 0.0), "bytes": list(token.encode())}
