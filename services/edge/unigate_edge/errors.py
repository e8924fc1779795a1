"""The edge's own errors, and those that come over the hop, as OpenAI error objects.

The tree is unigate_core.errors; here are the sentences that only the edge has to say.
"""

from __future__ import annotations

import math
from types import MappingProxyType

import grpc

from unigate.provider.v1 import provider_pb2 as pb
from unigate_core.errors import INVALID_REQUEST, SERVER_ERROR, GatewayError, RequestRefused

DO_NOT_RETRY = MappingProxyType({"x-should-retry": "false"})


class HopError(GatewayError):
    """The adapter could not be reached, or did not answer as agreed."""


class ClientDisconnected(Exception):
    """The client closed the connection: there is no one to answer."""


def invalid_api_key(*, given: bool) -> GatewayError:
    """The call has no key, or one that was never issued."""
    message = (
        "Incorrect API key provided."
        if given
        else "You didn't provide an API key. You need to provide your API key in an Authorization header using "
        "Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    )
    headers = {"www-authenticate": "Bearer", **DO_NOT_RETRY}
    return GatewayError(message, status=401, type=INVALID_REQUEST, code="invalid_api_key", headers=headers)


def expired_api_key() -> GatewayError:
    """The call has a key whose time is over."""
    headers = {"www-authenticate": "Bearer", **DO_NOT_RETRY}
    return GatewayError(
        "The API key has expired.", status=401, type=INVALID_REQUEST, code="invalid_api_key", headers=headers
    )


def admin_key_needed() -> RequestRefused:
    """The key is good, and not one of those that may see and change what others have."""
    return RequestRefused(
        "You have insufficient permissions for this operation: it needs a key with `admin: true`.",
        status=403,
        param=None,
        code="insufficient_permissions",
    )


def client_credentials_refused() -> RequestRefused:
    """The call has a key of the vendor's, and the operator lets none through."""
    return RequestRefused(
        "This gateway does not pass on keys of your own (x-unigate-provider-key).",
        status=403,
        param=None,
        code="client_credentials_not_allowed",
    )


def state_unavailable(what: str) -> GatewayError:
    """The store is down; `what` is the first sentence of the message."""
    return GatewayError(
        f"{what} at the moment. Please try again.",
        status=503,
        type=SERVER_ERROR,
        code="state_unavailable",
        retry_after=2,
    )


def model_not_found(model: str) -> RequestRefused:
    """No provider serves the name, or the caller may not use it: the answer does not say which."""
    return RequestRefused(
        f"The model `{model}` does not exist or you do not have access to it.",
        status=404,
        param="model",
        code="model_not_found",
    )


def unsupported_endpoint(path: str, model: str) -> RequestRefused:
    """The provider has no such operation."""
    return RequestRefused(
        f"The model `{model}` cannot be used with {path}.", status=404, param="model", code="unsupported_endpoint"
    )


def unknown_path(method: str, path: str) -> RequestRefused:
    """No route has the path."""
    return RequestRefused(f"Invalid URL ({method} {path})", status=404, param=None, code=None)


def wrong_method(method: str, path: str, allowed: str) -> GatewayError:
    """The path has a route, for other methods."""
    return GatewayError(
        f"Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)",
        status=405,
        type=INVALID_REQUEST,
        headers={"allow": allowed, **DO_NOT_RETRY},
    )


def missing_parameter(param: str) -> RequestRefused:
    """A member of the request that must be there is not."""
    return RequestRefused(f"Missing required parameter: '{param}'.", param=param, code="missing_required_parameter")


def invalid_json() -> RequestRefused:
    """The body is no JSON."""
    return RequestRefused(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
        "library correctly. The API expects a JSON payload, but what was sent was not valid JSON.)",
        param=None,
        code="invalid_json",
    )


def wrong_content_type(given: str, wanted: str) -> RequestRefused:
    """The body is of another kind than the operation takes."""
    return RequestRefused(
        f"Unsupported content type: '{given}'. This API method only accepts '{wanted}' requests.",
        param=None,
        code="unsupported_content_type",
    )


def wrong_content_encoding(given: str) -> RequestRefused:
    """The body is compressed in a way that the edge cannot undo, or not as it says."""
    return RequestRefused(
        f"The request's body cannot be decoded as content encoding '{given}'.",
        param=None,
        code="unsupported_content_encoding",
    )


def request_too_large(limit: int) -> RequestRefused:
    """The body exceeds the limit in bytes."""
    return RequestRefused(
        f"The request is too large. The limit is {limit} bytes.", status=413, param=None, code="request_too_large"
    )


def internal_error(request_id: str) -> GatewayError:
    """A bug of the edge: the answer has nothing but the way to find it in the logs."""
    return GatewayError(
        f"The server had an error while processing your request. Request ID: {request_id}",
        status=500,
        type=SERVER_ERROR,
    )


_UNAVAILABLE = (503, "provider_unavailable", "The provider is not available at the moment.", 2.0)
_HOP = {
    grpc.StatusCode.UNAVAILABLE: _UNAVAILABLE,
    # what a server that stops says to calls that it had not taken up yet; the edge's own cancellations end otherwise
    grpc.StatusCode.CANCELLED: _UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED: (504, "timeout", "The request took longer than allowed.", None),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (413, "request_too_large", "The request or its answer is too large.", None),
}


def of_status(status: grpc.StatusCode, path: str, model: str) -> GatewayError:
    """A gRPC status as an error: a fault of the hop, for the vendor's own come inside the answer."""
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return unsupported_endpoint(path, model)
    http_status, code, message, retry_after = _HOP.get(
        status, (500, None, "The server had an error while processing your request.", None)
    )
    kind = INVALID_REQUEST if http_status == 413 else SERVER_ERROR
    return HopError(message, status=http_status, type=kind, code=code, retry_after=retry_after)


def of_answer(error: pb.Error) -> GatewayError:
    """The typed error of an answer."""
    return GatewayError(
        error.message,
        status=error.status or 500,
        type=error.type or SERVER_ERROR,
        code=error.code or None,
        param=error.param or None,
        retry_after=error.retry_after_ms / 1000 if error.HasField("retry_after_ms") else None,
        retryable=error.retryable,
        upstream_request_id=error.upstream_request_id,
        body=error.body,
        content_type=error.content_type,
        headers={**(DO_NOT_RETRY if error.origin == pb.ORIGIN_REQUEST else {}), **error.headers},
    )


def schema_fault(refusal: RequestRefused) -> pb.SchemaFault:
    """The contract's form of a refusal that another provider may not share."""
    return pb.SchemaFault(message=refusal.message, param=refusal.param or "", code=refusal.code or "")


def error_headers(error: GatewayError) -> dict[str, str]:
    """The headers that belong to an error."""
    headers = dict(error.headers)
    if error.upstream_request_id:
        headers["x-unigate-upstream-request-id"] = error.upstream_request_id
    if error.retry_after is not None:
        headers.setdefault("retry-after", str(math.ceil(error.retry_after)))
        headers.setdefault("retry-after-ms", str(math.ceil(error.retry_after * 1000)))
    if isinstance(error, RequestRefused):
        headers.setdefault("x-should-retry", "false")
    return headers
