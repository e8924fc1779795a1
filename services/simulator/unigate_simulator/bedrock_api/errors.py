"""Bedrock's errors, https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html"""

from collections.abc import Mapping
from typing import Final

from unigate_simulator.bedrock_api.event_stream import event, exception
from unigate_simulator.wire import Call, RefusedError, Whole, dumps

_KINDS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("ValidationException", "The request was refused because the simulator was asked to refuse it."),
    401: ("UnrecognizedClientException", "The security token included in the request is invalid."),
    403: ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
    404: ("ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier."),
    408: ("ModelTimeoutException", "The model took too long to answer."),
    424: ("ModelErrorException", "The model failed."),
    429: ("ThrottlingException", "Too many requests, please wait before trying again."),
    500: ("InternalServerException", "The system encountered an unexpected error during processing."),
    503: ("ServiceUnavailableException", "Bedrock is unable to process your request."),
}


def error(status: int, message: str | None) -> Whole:
    kind, usual = _KINDS.get(status, _KINDS[500] if status >= 500 else _KINDS[400])
    return Whole(dumps({"message": message or usual}), status, headers={"x-amzn-errortype": f"{kind}:http://internal/"})


def overflow(_call: Call) -> Whole:
    """The context is too long."""
    return error(400, "Input is too long for requested model.")


def refuse(message: str, status: int = 400) -> RefusedError:
    return RefusedError(error(status, message))


def error_event(_call: Call) -> bytes:
    return exception("modelStreamErrorException", "The system encountered an unexpected error during processing.")


def unknown_event(_call: Call) -> bytes:
    """Of a kind that is in no documentation."""
    return event("simTelemetry", {"state": "thinking about it"})
