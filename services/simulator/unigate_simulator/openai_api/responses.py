"""`POST /responses`, https://platform.openai.com/docs/api-reference/responses"""

from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import answer
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.model_rules import check_response
from unigate_simulator.openai_api.models import known, reasons
from unigate_simulator.openai_api.stored_responses import continued, keep
from unigate_simulator.openai_format import response_prompt
from unigate_simulator.responses_events import Dialect, Response
from unigate_simulator.wire import Call, Json, Object, Reply, Stream, count, dumps, token, whole

_DIALECT: Final = Dialect(
    ident=lambda prefix: token(prefix, 50),
    call_ident=lambda _number: token("call_", 24),
    reasoning_readable=False,
    input_details={"cache_write_tokens": 0},
)


def create(call: Call) -> Reply:
    body = call.json()
    model = body.get("model")
    if not isinstance(model, str):
        raise refuse("Missing required parameter: 'model'.", param="model", code="missing_required_parameter")
    if not known(model):
        raise refuse(f"The requested model '{model}' does not exist.", param="model", code="model_not_found")
    check_response(body, model)
    items = body.get("input")
    previous = body.get("previous_response_id")
    earlier = continued(call, previous) if previous else ()
    if isinstance(items, list):
        _check([*earlier, *items])
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_object" and b"json" not in dumps([items, body.get("instructions")]).lower():
        message = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."  # noqa: E501 - the vendor's words
        raise refuse(message, param="input")
    fault = faults.named(call.headers, model, faults.last_user_text(body))
    prompt = response_prompt({**body, "input": [*earlier, *_listed(items)]}, thinking=reasons(model), fault=fault)
    response = Response(body, answer(prompt), _DIALECT, model)
    keep(call, response, items, earlier)
    if body.get("stream"):
        return Stream(tuple(response.events()))
    return whole(response.object("queued" if body.get("background") else None))


def count_tokens(call: Call) -> Reply:
    """`POST /responses/input_tokens`"""
    body = call.json()
    tokens = count(response_prompt(body, thinking=False, fault=None).context) + 3
    return whole({"object": "response.input_tokens", "input_tokens": tokens})


def _listed(items: Json) -> list[Object]:
    return items if isinstance(items, list) else [{"role": "user", "content": items or ""}]


def _check(items: list[dict[str, object]]) -> None:
    outputs = {item.get("call_id") for item in items if item.get("type") == "function_call_output"}
    for item in items:
        if item.get("type") == "function_call" and item.get("call_id") not in outputs:
            raise refuse(f"No tool output found for function call {item.get('call_id')}.", param="input")
