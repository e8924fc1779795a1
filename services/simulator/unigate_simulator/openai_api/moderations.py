"""`POST /moderations`, https://platform.openai.com/docs/api-reference/moderations"""

from typing import Final

from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import checked
from unigate_simulator.wire import Call, Json, Object, Reply, token, whole

_CATEGORIES: Final = (
    "harassment",
    "harassment/threatening",
    "sexual",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm/intent",
    "self-harm/instructions",
    "self-harm",
    "sexual/minors",
    "violence",
    "violence/graphic",
)


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body, default="omni-moderation-latest")
    given = body.get("input")
    if not given:
        raise refuse("Missing required parameter: 'input'.", param="input", code="missing_required_parameter")
    inputs = given if isinstance(given, list) and isinstance(given[0], str) else [given]
    return whole({"id": token("modr-", 12), "model": model, "results": [_result(one) for one in inputs]})


def _result(given: Json) -> Object:
    """Flags only what says `kill`."""
    kinds = ["text"] if isinstance(given, str) else sorted({"image" if "image_url" in one else "text" for one in given})
    violent = "kill" in str(given).lower()
    return {
        "flagged": violent,
        "categories": {name: violent and name == "violence" for name in _CATEGORIES},
        "category_scores": {name: 0.9 if violent and name == "violence" else 0.00001 for name in _CATEGORIES},
        "category_applied_input_types": dict.fromkeys(_CATEGORIES, kinds),
    }
