"""A provider whose API already is OpenAI's: everything passes through. How a vendor departs from it is data.

https://platform.openai.com/docs/api-reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from unigate_adapter.authentication.api_key import bearer
from unigate_adapter.backend import Backend, ErrorReader
from unigate_adapter.provider import Provider
from unigate_core.errors import GatewayError
from unigate_core.json import Json, dumps
from unigate_formats.neutral.model import ModelInfo, ModelListing
from unigate_formats.neutral.operation import CHUNKED_OPERATIONS, Operation
from unigate_formats.neutral.parameters import Parameter, Parameters, ParameterSupport
from unigate_formats.neutral.translation import PassThrough, Translation
from unigate_formats.openai_chat.decode_answer import decode_answer
from unigate_formats.openai_chat.decode_stream import ChatStream
from unigate_formats.openai_chat.encode_messages import inline_kinds
from unigate_formats.openai_chat.encode_request import request_encoder
from unigate_formats.openai_chat.errors import openai_error, rate_limits
from unigate_formats.openai_chat.openai_profile import OPENAI, PARAMETERS
from unigate_formats.openai_chat.profile import ANY_USER, ChatProfile
from unigate_formats.openai_passthrough.relax_request import relaxed_call


class Quirks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a vendor departs from OpenAI's API.

    `rename` parameters that have another name there and `roles` of messages likewise, `drop` parameters without effect
    (reported to the client), `refuse` those that would change the answer, each with the reason. `stream_options`:
    whether the vendor takes them. `completions`: whether it has them; else they are served from its chats.
    `operations`: the paths below the version that it serves, all of them when None.
    `version` is the path segment that is added to a base URL that has none; empty: nothing is.
    """

    rename: Mapping[str, str] = {}
    roles: Mapping[str, str] = {}
    drop: tuple[str, ...] = ()
    refuse: Mapping[str, str] = {}
    stream_options: bool = True
    completions: bool = True
    operations: tuple[str, ...] | None = None
    version: str = "v1"


NAMED_QUIRKS: Mapping[str, Quirks] = {
    "max-tokens": Quirks(rename={"max_completion_tokens": "max_tokens"}),
    "no-developer-role": Quirks(roles={"developer": "system"}),
    "no-stream-options": Quirks(stream_options=False),
    "no-completions": Quirks(completions=False),
    "no-store": Quirks(drop=("store", "metadata")),
}
"""What several vendors have in common, for short."""


def read_quirks(data: str | bytes) -> Quirks:
    """Quirks from JSON: an object of the members of `Quirks`, or a list of names. Raises ValueError.

    Unknown members and names are refused, so that a slip does not go unnoticed.
    """
    try:
        value = msgspec.json.decode(data, type=list[str] | Quirks)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    if isinstance(value, Quirks):
        return value
    unknown = [name for name in value if name not in NAMED_QUIRKS]
    if unknown:
        raise ValueError(f"unknown quirks {unknown}; there are {sorted(NAMED_QUIRKS)}")
    chosen = [NAMED_QUIRKS[name] for name in value]
    return Quirks(
        rename={ours: theirs for quirks in chosen for ours, theirs in quirks.rename.items()},
        roles={ours: theirs for quirks in chosen for ours, theirs in quirks.roles.items()},
        drop=tuple(key for quirks in chosen for key in quirks.drop),
        stream_options=all(quirks.stream_options for quirks in chosen),
        completions=all(quirks.completions for quirks in chosen),
    )


def openai_compatible(
    *,
    name: str,
    base_url: str,
    quirks: Quirks | None = None,
    models: Sequence[str] = (),
    variables: tuple[str, str] = ("UNIGATE_API_KEY", "UNIGATE_BASE_URL"),
    key_required: bool = True,
) -> Provider:
    """A provider from its address. `models` are those to offer; without them the vendor is asked.

    `variables` name the environment's key and base URL.
    """
    quirks = quirks or Quirks()
    key_variable, base_url_variable = variables
    return Provider(
        name=name,
        telemetry_name=name,
        backend=Backend(
            base_url=base_url,
            version=quirks.version,
            key_variable=key_variable,
            base_url_variable=base_url_variable,
            authentication=bearer(required=key_required),
            errors=_errors(name),
            models=_listing(name, models),
            request_id_header="x-request-id",
            rate_limits=rate_limits,
        ),
        operations=_routes(quirks, extended=name != "openai"),
        translation=translation(_profile(name, quirks)),
    )


def _profile(name: str, quirks: Quirks) -> ChatProfile:
    """How chats of other formats are sent to the vendor."""
    if name == "openai":
        return OPENAI
    return ChatProfile(
        name=name,
        title=f"The provider '{name}'",
        limit="max_tokens",
        end_user=("user", ANY_USER),
        stream_usage=quirks.stream_options,
        edit=_edit(quirks),
    )


def translation(profile: ChatProfile) -> Translation:
    """Chats in other formats than OpenAI's, sent to a vendor that has chat completions."""
    return Translation(
        request=request_encoder(profile),
        answer=decode_answer,
        stream=ChatStream,
        parameters=PARAMETERS,
        inline=partial(inline_kinds, profile),
        native_n=lambda chat, context: profile.choices,
        relax=relaxed_call,
    )


def _errors(name: str) -> ErrorReader:
    def errors(status: int, headers: Mapping[str, str], body: bytes, *, client_key: bool) -> GatewayError:
        return openai_error(name, status, headers, body, client_key=client_key)

    return errors


def _routes(quirks: Quirks, *, extended: bool) -> dict[Operation, PassThrough]:
    table: Parameters = {
        **{key: Parameter(ParameterSupport.DROPPED) for key in quirks.drop},
        **{key: Parameter(ParameterSupport.UNSUPPORTED, reason) for key, reason in quirks.refuse.items()},
    }
    return {
        operation: PassThrough(
            path=operation.value,
            edit=_edit(quirks) if operation in CHUNKED_OPERATIONS else None,
            parameters=table if operation in CHUNKED_OPERATIONS and table else None,
            extended=extended,
        )
        for operation in Operation
        # of OpenAI's API only; other formats have counts of their own
        if operation is not Operation.COUNT_TOKENS
        if quirks.completions or operation is not Operation.COMPLETIONS
        if quirks.operations is None or operation.value.rstrip("/") in quirks.operations
    }


def _edit(quirks: Quirks) -> Callable[[Json], Mapping[str, Any]] | None:
    if not quirks.rename and not quirks.roles and quirks.stream_options:
        return None

    def edit(body: Json) -> Mapping[str, Any]:
        changes: Json = {}
        for ours, theirs in quirks.rename.items():
            if ours in body:
                changes[ours] = None
                if theirs not in body:
                    changes[theirs] = body[ours]
        if not quirks.stream_options:
            changes["stream_options"] = None
        messages = body.get("messages")
        if quirks.roles and isinstance(messages, list):
            changes["messages"] = [_with_role(message, quirks.roles) for message in messages]
        return changes

    return edit


def _with_role(message: Any, roles: Mapping[str, str]) -> Any:
    role = message.get("role") if isinstance(message, dict) else None
    return {**message, "role": roles[role]} if isinstance(role, str) and role in roles else message


def _listing(name: str, static: Sequence[str]) -> ModelListing:
    def parse(body: Json) -> tuple[Sequence[ModelInfo], str | None]:
        items = body.get("data")
        return [
            _model(item, name) for item in (items if isinstance(items, list) else []) if isinstance(item, dict)
        ], None

    return ModelListing(
        path="models", parse=parse, static=tuple(ModelInfo(id=model, owned_by=name) for model in static)
    )


_WINDOWS = ("context_window", "max_model_len", "context_length")
"""Where vendors report how many tokens a model reads."""


def _model(item: Json, owner: str) -> ModelInfo:
    created, window = item.get("created"), next(filter(None, map(item.get, _WINDOWS)), None)
    return ModelInfo(
        id=str(item.get("id") or ""),
        created=int(created) if isinstance(created, int | float) else 0,
        owned_by=str(item.get("owned_by") or owner),
        context_window=window if isinstance(window, int) else 0,
        shutdown_date=str(item.get("shutdown_date") or ""),
        object=dumps(item),
    )
