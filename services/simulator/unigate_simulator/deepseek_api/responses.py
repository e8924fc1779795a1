"""`POST /responses`: OpenAI's format, with plain UUIDs as ids and readable reasoning."""

import uuid
from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import answer
from unigate_simulator.deepseek_api.chat import call_ident
from unigate_simulator.deepseek_api.errors import refuse
from unigate_simulator.deepseek_api.models import checked, thinks
from unigate_simulator.openai_format import response_prompt
from unigate_simulator.responses_events import Dialect, Response
from unigate_simulator.wire import Call, Reply, Stream, whole

_DIALECT: Final = Dialect(
    ident=lambda _prefix: str(uuid.uuid4()),
    call_ident=call_ident,
    reasoning_readable=True,
    obfuscated=False,
    message={"phase": "final_answer"},
    extra={"content_filters": None, "store": False},
)


def create(call: Call) -> Reply:
    body = call.json()
    model = checked(body)
    items = body.get("input")
    if not items:
        raise refuse("Empty input messages")
    if isinstance(items, list):
        _check(items)
    off = (body.get("reasoning") or {}).get("effort") == "none"
    fault = faults.named(call.headers, body["model"], faults.last_user_text(body))
    prompt = response_prompt(body, thinking=thinks(body) and not off, fault=fault)
    response = Response(body, answer(prompt), _DIALECT, model)
    return Stream(tuple(response.events())) if body.get("stream") else whole(response.object())


def _check(items: list[dict[str, object]]) -> None:
    """Each call needs its output right behind the calls it stands with."""
    waiting: list[object] = []
    for item in items:
        if item.get("type") == "function_call":
            waiting.append(item.get("call_id"))
        elif item.get("type") == "function_call_output":
            waiting = [one for one in waiting if one != item.get("call_id")]
        elif waiting and item.get("role"):
            break
    if waiting:
        raise refuse(f"No tool output found for tool call {waiting[0]}.")
