"""A provider is a value: a record of pure functions. Everything that differs between providers stands in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from unigate_core.errors import GatewayError
from unigate_formats.neutral.model import ModelListing
from unigate_formats.neutral.operation import Operation
from unigate_formats.neutral.translation import Handler, PassThrough, Translation


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    `base_url` as the vendor's own SDK takes it; `version` is the path segment that is added when it has none.
    `errors` turns a vendor's error answer (status, lower-case headers, body, whether the key was the client's) into
    ours. `telemetry_name` is the value of gen_ai.provider.name. `rate_limits` turns the vendor's headers into OpenAI's.
    `request_id_header` names the header in which the vendor tells its own id of the call. `refuses_key` tells for an
    error answer whether it refuses the key; None: the vendor's statuses tell, 401, 402 and 403 do anyway.
    """

    name: str
    telemetry_name: str
    base_url: str
    version: str
    key_variable: str
    base_url_variable: str
    credentials: Callable[[str], Mapping[str, str]]
    errors: Callable[[int, Mapping[str, str], bytes, bool], GatewayError]
    models: ModelListing
    operations: Mapping[Operation, Translation | PassThrough | Handler]
    request_id_header: str = ""
    rate_limits: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda headers: {}
    key_required: bool = True
    refuses_key: Callable[[int, bytes], bool] | None = None
