"""What a model does not take: sampling and `max_tokens` where it reasons, efforts where it does not, too many tokens.

https://platform.openai.com/docs/guides/reasoning
"""

from typing import Final

from unigate_simulator.openai_api.errors import quoted_values, refuse
from unigate_simulator.openai_api.models import reasons
from unigate_simulator.wire import Json, Object

_MOST_TOKENS: Final = {True: 128_000, False: 16_384}
_SAMPLING: Final = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
_EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")
_OLDER_EFFORTS: Final = ("low", "medium", "high")


def check_chat(body: Object, model: str) -> None:
    """Raises the refusal of a chat that the model does not take as it stands."""
    reasoning = reasons(model)
    if reasoning and body.get("max_tokens") is not None:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        raise refuse(message, param="max_tokens", code="unsupported_parameter")
    if not reasoning and body.get("reasoning_effort") is not None:
        raise refuse("Unrecognized request argument supplied: reasoning_effort")
    if reasoning:
        _check_effort(body.get("reasoning_effort"), model, "reasoning_effort")
        if body.get("stop") is not None:
            raise _unsupported("stop")
        for name, usual in _SAMPLING.items():
            if body.get(name) not in (None, usual):
                message = (
                    f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                    f"Only the default ({usual}) value is supported."
                )
                raise refuse(message, param=name, code="unsupported_value")
    for name in ("max_tokens", "max_completion_tokens"):
        asked, most = body.get(name), _MOST_TOKENS[reasoning]
        if isinstance(asked, int) and asked > most:
            message = (
                f"{name} is too large: {asked}. This model supports at most {most} completion tokens, "
                f"whereas you provided {asked}."
            )
            raise refuse(message, param=name, code="invalid_value")


def check_tools(body: Object) -> None:
    """Raises the refusal of a schema that OpenAI takes of no function."""
    for number, tool in enumerate(body.get("tools") or ()):
        function: Object = tool.get("function") or {}
        schema = function.get("parameters")
        if not isinstance(schema, dict):
            continue
        fault = ""
        if schema.get("type") != "object" or schema.keys() & {"anyOf", "oneOf", "allOf", "enum", "not"}:
            fault = "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        elif "properties" not in schema:
            fault = "In context=(), object schema missing properties."
        elif name := next((name for name, each in schema["properties"].items() if _lacks_items(each)), None):
            fault = f"In context=('properties', '{name}'), array schema missing items."
        if fault:
            message = f"Invalid schema for function '{function.get('name')}': {fault}"
            raise refuse(message, param=f"tools[{number}].function.parameters", code="invalid_function_parameters")


def _lacks_items(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "array" and "items" not in schema


def check_response(body: Object, model: str) -> None:
    """Raises the refusal of a response that the model does not take as it stands."""
    reasoning = body.get("reasoning") or {}
    if not reasons(model):
        for name in ("effort", "summary"):
            if reasoning.get(name) is not None:
                raise _unsupported(f"reasoning.{name}")
        return
    _check_effort(reasoning.get("effort"), model, "reasoning.effort")
    for name in ("temperature", "top_p"):
        if body.get(name) not in (None, 1):
            raise _unsupported(name)


def _check_effort(effort: Json, model: str, param: str) -> None:
    efforts = _OLDER_EFFORTS if model.startswith("o") else _EFFORTS
    if effort is not None and effort not in efforts:
        message = (
            f"Unsupported value: '{effort}' is not supported with the '{model}' model. "
            f"Supported values are: {quoted_values(efforts)}."
        )
        raise refuse(message, param=param, code="unsupported_value")


def _unsupported(name: str) -> Exception:
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return refuse(message, param=name, code="unsupported_parameter")
