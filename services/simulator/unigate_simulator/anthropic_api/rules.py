"""What Anthropic refuses of a Messages request, in its own words. https://docs.anthropic.com/en/api/messages"""

from collections.abc import Iterator
from typing import Final

from unigate_simulator.anthropic_api.errors import refuse
from unigate_simulator.anthropic_api.models import Model
from unigate_simulator.signatures import signed
from unigate_simulator.wire import Json, Object

_KNOWN: Final = frozenset(
    [
        "cache_control",
        "container",
        "context_management",
        "inference_geo",
        "max_tokens",
        "mcp_servers",
        "messages",
        "metadata",
        "model",
        "output_config",
        "output_format",
        "service_tier",
        "speed",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
        "user_profile_id",
    ]
)
_THINKING: Final = frozenset({"thinking", "redacted_thinking"})
_LEAST_BUDGET: Final = 1024


def check(body: Object, model: Model, *, counting: bool = False) -> None:
    for name in body:
        if name not in _KNOWN:
            raise refuse(f"{name}: Extra inputs are not permitted")
    if not counting and not isinstance(body.get("max_tokens"), int):
        raise refuse("max_tokens: Field required")
    if not counting and body["max_tokens"] > model.max_tokens:
        limit = f"max_tokens: {body['max_tokens']} > {model.max_tokens}"
        raise refuse(f"{limit}, which is the maximum allowed number of output tokens for {model.id}")
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise refuse("messages: Field required")
    if not messages:
        raise refuse("messages: at least one message is required")
    for position, message in enumerate(messages):
        _check_message(messages, position, message)
    turns = merged(messages)
    for position, turn in enumerate(turns):
        _check_pairs(turns, position, turn["content"])
    _check_thinking(body, model, turns)
    _check_effort(body, model)


def blocks(content: Json) -> list[Object]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def merged(messages: list[Object]) -> list[Object]:
    """The messages with those of one role in a row made one, as the vendor reads them."""
    turns: list[Object] = []
    for message in messages:
        if turns and turns[-1]["role"] == message["role"]:
            turns[-1] = {"role": message["role"], "content": [*turns[-1]["content"], *blocks(message.get("content"))]}
        else:
            turns.append({"role": message["role"], "content": blocks(message.get("content"))})
    return turns


def _check_message(messages: list[Object], position: int, message: Object) -> None:
    role, content = message.get("role"), blocks(message.get("content"))
    if role not in {"user", "assistant", "system"}:
        raise refuse(f"messages.{position}.role: Input should be 'user' or 'assistant'")
    last = position == len(messages) - 1
    if not content and not (last and role == "assistant"):
        raise refuse(
            f"messages.{position}: all messages must have non-empty content except "
            "for the optional final assistant message"
        )
    for index, block in enumerate(content):
        where = f"messages.{position}.content.{index}"
        if block.get("type") == "text" and not str(block.get("text", "")).strip():
            raise refuse(
                "messages: text content blocks must be non-empty"
                if not block.get("text")
                else "messages: text content blocks must contain non-whitespace text"
            )
        if block.get("type") == "thinking" and not _genuine(block):
            raise refuse(f"{where}: Invalid `signature` in `thinking` block")
        if block.get("type") == "tool_use" and not isinstance(block.get("input"), dict):
            raise refuse(f"{where}.tool_use.input: Input should be a valid dictionary")


def _check_pairs(messages: list[Object], position: int, content: list[Object]) -> None:
    results = {block.get("tool_use_id") for block in content if block.get("type") == "tool_result"}
    before = blocks(messages[position - 1].get("content")) if position else []
    asked = {block["id"] for block in before if block.get("type") == "tool_use"}
    if strange := sorted(str(one) for one in results - asked):
        raise refuse(
            f"messages.{position}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: "
            f"{', '.join(strange)}. "
            "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
        )
    if not (wanted := [block["id"] for block in content if block.get("type") == "tool_use"]):
        return
    after = blocks(messages[position + 1].get("content")) if position + 1 < len(messages) else []
    answered = set(_leading_results(after))
    if missing := [one for one in wanted if one not in answered]:
        raise refuse(
            f"messages.{position}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(missing)}. Each `tool_use` block must have a corresponding `tool_result` "
            "block in the next message."
        )


def _leading_results(content: list[Object]) -> Iterator[str]:
    """Results count only where they stand before anything else."""
    for block in content:
        if block.get("type") != "tool_result":
            return
        yield block.get("tool_use_id", "")


def _check_thinking(body: Object, model: Model, messages: list[Object]) -> None:
    thinking = body.get("thinking") or {}
    kind = thinking.get("type", "disabled")
    if kind == "disabled":
        return
    if kind not in {"enabled", "adaptive"}:
        raise refuse(
            f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected "
            "tags: 'adaptive', 'disabled', 'enabled'"
        )
    if kind not in model.thinking:
        raise refuse(f"thinking.type: {kind} thinking is not supported on this model")
    if kind == "enabled":
        _check_budget(body, thinking)
    if body.get("temperature", 1) != 1:
        raise refuse("`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
    if body.get("top_k") is not None:
        raise refuse("`top_k` must be unset when thinking is enabled.")
    if body.get("top_p", 1) < 0.95:
        raise refuse("`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.")
    if kind == "enabled" and (body.get("tool_choice") or {}).get("type") in {"any", "tool"}:
        raise refuse("Thinking may not be enabled when tool_choice forces tool use.")
    if kind == "enabled" and len(messages) > 1 and any(_leading_results(blocks(messages[-1].get("content")))):
        position = len(messages) - 2
        first = blocks(messages[position].get("content"))[0].get("type")
        if first not in _THINKING:
            raise refuse(
                f"messages.{position}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. "
                "When "
                "`thinking` is enabled, a final `assistant` message must start with a thinking block "
                "(preceeding the lastmost "
                "set of `tool_use` and `tool_result` blocks). To avoid this requirement, disable `thinking`."
            )


def _check_budget(body: Object, thinking: Object) -> None:
    budget = thinking.get("budget_tokens")
    if not isinstance(budget, int):
        raise refuse("thinking.enabled.budget_tokens: Field required")
    if budget < _LEAST_BUDGET:
        raise refuse(f"thinking.enabled.budget_tokens: Input should be greater than or equal to {_LEAST_BUDGET}")
    if budget >= body.get("max_tokens", budget + 1):
        raise refuse("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_effort(body: Object, model: Model) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is None or effort in model.effort:
        return
    if not model.effort:
        raise refuse("This model does not support the effort parameter.")
    raise refuse(f"This model does not support effort level '{effort}'. Supported levels: {', '.join(model.effort)}.")


def _genuine(block: Object) -> bool:
    """A thinking block must come back as it was sent; its text may be empty where it was sent without."""
    text = signed(str(block.get("signature", "")))
    return text is not None and block.get("thinking", "") in {"", text}
