"""What the answer's translation needs to know of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec


class RequestState(msgspec.Struct, frozen=True):
    """`new_id` makes the ids of tool calls. `parallel` false: only the first call is passed on.

    `json_output` names the function whose arguments are the answer's text. `code_as_text`: code that the model ran is
    shown in the answer's text. `model` stands in when the vendor names none. `plain`: without tools, so that nothing
    of the answer goes back to the vendor as it was, and no source is cited. `names` are the client's of what may be
    dropped after a refusal, `details` the paths of what asks for a resolution of media.
    """

    new_id: Callable[[], str]
    model: str = ""
    parallel: bool = True
    json_output: str | None = None
    code_as_text: bool = False
    plain: bool = False
    names: Mapping[str, str] = {}
    details: tuple[str, ...] = ()
