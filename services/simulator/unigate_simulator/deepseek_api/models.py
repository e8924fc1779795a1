"""`GET /models`, https://api-docs.deepseek.com/api/list-models, and which models think."""

from typing import Final

from unigate_simulator.deepseek_api.errors import refuse
from unigate_simulator.wire import Call, Object, Reply, whole

_IDS: Final = ("deepseek-chat", "deepseek-reasoner", "deepseek-flash", "deepseek-v4-flash", "deepseek-v4-pro")
_ALIASES: Final = dict.fromkeys(("deepseek-chat", "deepseek-reasoner", "deepseek-flash"), "deepseek-v4-flash")


def checked(body: Object) -> str:
    """The model that answers, which for an alias is another than asked for."""
    model = body.get("model")
    if not isinstance(model, str) or not model.startswith(("deepseek-", "sim")):
        raise refuse("Model Not Exist")
    return _ALIASES.get(model, model)


def thinks(body: Object) -> bool:
    """Thinking is on unless it is disabled; `deepseek-chat` thinks only when it is enabled."""
    asked = (body.get("thinking") or {}).get("type")
    return asked == "enabled" if body.get("model") == "deepseek-chat" else asked != "disabled"


def listed(_call: Call) -> Reply:
    return whole({"object": "list", "data": [_model(name) for name in _IDS]})


def retrieve(call: Call) -> Reply:
    name = call.path.removeprefix("models/")
    if name not in _IDS:
        raise refuse("Model Not Exist", 404)
    return whole(_model(name))


def _model(name: str) -> Object:
    return {"id": name, "object": "model", "owned_by": "deepseek"}
