"""Error answers of vendors that speak OpenAI's format → ours. https://platform.openai.com/docs/guides/error-codes

Status and body stay as the vendor wrote them. Only a refused key of the operator's is not the client's fault, and an
answer that is no JSON becomes one of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from unigate_core.counts import members, wait_seconds
from unigate_core.errors import INVALID_REQUEST, GatewayError, UpstreamError, credential_rejected
from unigate_core.json import Json, loads

_MASKED = re.compile(r"\S*\*{2,}\S*|\bsk-\S+")
_MEMBERS = ("message", "type", "param", "code")
_MAX_FAULTS = 20
_MAX_TEXT = 1000
"""Bytes of an answer that is shown as it is, where it is text and no page."""
_PASSED = ("x-should-retry",)
_RATE_LIMITS = "x-ratelimit-"


def openai_error(
    provider: str, status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool
) -> GatewayError:
    """The error of an answer whose status is not 2xx."""
    fault = fault_of(body)
    message = _text(fault.get("message"))
    if status == 401:
        return rejected_key(provider, message, client_supplied=client_key, status=status)
    if message is None:
        message = f"The provider returned status {status} without an error message."
    return UpstreamError(
        message,
        status=status,
        type=_text(fault.get("type")) or ("server_error" if status >= 500 else "invalid_request_error"),
        code=_text(fault.get("code")),
        param=_text(fault.get("param")),
        retry_after=retry_after(headers),
        retryable=status in (408, 409, 429) or status >= 500,
        body=body if _is_openai(fault) else b"",
        headers={name: headers[name] for name in _PASSED if name in headers} | rate_limits(headers),
    )


def rejected_key(provider: str, message: str | None, *, client_supplied: bool, status: int) -> GatewayError:
    """A refused key, with the vendor's own words where they do not give the key away."""
    error = credential_rejected(provider, client_supplied=client_supplied, status=status)
    if not message:
        return error
    text = f"{error.message} {message if client_supplied else without_keys(message)}"
    return UpstreamError(text, status=error.status, type=error.type, code=error.code)


def without_keys(message: str) -> str:
    """The message without keys; a masked one stays when no more than its last four characters can be read."""
    return _MASKED.sub(lambda found: found[0] if len(found[0].replace("*", "")) <= 4 else "***", message)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, by either of the two headers; None when the vendor names none or a date."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        seconds = wait_seconds(headers.get(name) or "")
        if seconds is not None:
            return seconds / unit
    return None


def rate_limits(headers: Mapping[str, str]) -> dict[str, str]:
    """The vendor's rate-limit headers, which are OpenAI's own."""
    return {name.lower(): value for name, value in headers.items() if name.lower().startswith(_RATE_LIMITS)}


def fault_of(body: bytes) -> Json:
    """The error object of an answer's body, in any of the spellings seen; empty when there is none."""
    try:
        answer = loads(body)
    except ValueError:
        text = body[:_MAX_TEXT].decode(errors="replace").strip()
        return {"message": text} if text and len(body) <= _MAX_TEXT and "<" not in text else {}
    match answer:
        # Gemini's API in OpenAI's format; Cloudflare
        case [dict(first)] | {"errors": [dict(first), *_]}:
            answer = first
    match answer:
        case {"error": dict(fault)}:
            return fault
        case {"message": {"detail": list(faults)}} | {"message": list(faults)} | {"detail": list(faults)}:
            return _told(faults)
        case {"message": str()}:
            return {name: answer[name] for name in _MEMBERS if name in answer}
        case {"error": str(message)} | {"detail": str(message)} | {"msg": str(message)} | str(message):
            return {"message": message}
        case {"detail": {"message": str(message)} | {"msg": str(message)} | {"error": str(message)}}:
            return {"message": message}
    return {}


def _told(faults: list[Any]) -> Json:
    """What Pydantic found wrong, each with its path: `messages[2].assistant.name: Extra inputs are not permitted`."""
    found = [(_path(fault.get("loc")), str(fault.get("msg"))) for fault in faults[:_MAX_FAULTS] if members(fault)]
    message = "; ".join(f"{path}: {text}" if path else text for path, text in found)
    return {"message": message, "type": INVALID_REQUEST, "param": found[0][0] or None} if found else {}


def _path(keys: Any) -> str:
    path = ""
    for key in keys if isinstance(keys, list) else ():
        path += f"[{key}]" if isinstance(key, int) else f".{key}"
    return path.removeprefix(".body").removeprefix(".")


def _is_openai(fault: Json) -> bool:
    """Whether the error object has all that OpenAI's has, so that its bytes can be sent on."""
    return all(name in fault for name in ("type", "param", "code")) and isinstance(fault["code"], str | None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
