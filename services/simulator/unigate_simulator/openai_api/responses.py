"""`POST /responses`, https://platform.openai.com/docs/api-reference/responses"""

from typing import Final

from unigate_simulator import faults
from unigate_simulator.behaviour import answer
from unigate_simulator.openai_api.errors import refuse
from unigate_simulator.openai_api.models import known, reasons
from unigate_simulator.openai_format import response_prompt
from unigate_simulator.responses_events import Dialect, Response
from unigate_simulator.wire import Call, Reply, Stream, dumps, token, whole

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
    items = body.get("input")
    if isinstance(items, list):
        _check(items)
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_object" and b"json" not in dumps([items, body.get("instructions")]).lower():
        message = "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."  # noqa: E501 - the vendor's words
        raise refuse(message, param="input")
    fault = faults.named(call.headers, model, faults.last_user_text(body))
    response = Response(body, answer(response_prompt(body, thinking=reasons(model), fault=fault)), _DIALECT, model)
    return Stream(tuple(response.events())) if body.get("stream") else whole(response.object())


def _check(items: list[dict[str, object]]) -> None:
    outputs = {item.get("call_id") for item in items if item.get("type") == "function_call_output"}
    for item in items:
        if item.get("type") == "function_call" and item.get("call_id") not in outputs:
            raise refuse(f"No tool output found for function call {item.get('call_id')}.", param="input")
