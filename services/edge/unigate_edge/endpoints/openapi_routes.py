"""The operations of `/openapi.json` that have no row in the tables of endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from unigate_edge.validation import answers
from unigate_edge.validation import vendor_answers as vendors
from unigate_edge.validation.content_request import ContentRequest
from unigate_edge.validation.messages_request import MessagesRequest


class Route(msgspec.Struct, frozen=True):
    """An operation. `answer` is None for any object, `events` what a stream is made of."""

    method: str
    path: str
    summary: str
    answer: type[msgspec.Struct] | None
    query: Sequence[str] = ()
    keyed: bool = True
    request: type[msgspec.Struct] | None = None
    events: type[msgspec.Struct] | None = None
    error: type[msgspec.Struct] = answers.Error

    def types(self) -> Iterator[type[msgspec.Struct]]:
        """All types that it names."""
        yield from (kind for kind in (self.request, self.answer, self.events, self.error) if kind is not None)


PAGE = ("after", "limit", "order")
USAGE = ("start_time", "end_time", "bucket_width", "group_by[]", "api_key_ids[]", "models[]", "limit", "page")


def _anthropic() -> Iterator[Route]:
    error, page = vendors.AnthropicError, ("limit", "after_id", "before_id")
    for prefix in ("/anthropic", ""):
        yield Route(
            "post", f"{prefix}/v1/messages", "Create a message (Anthropic's API)", vendors.AnthropicMessage,
            request=MessagesRequest, events=vendors.MessageEvent, error=error,
        )  # fmt: skip
        yield Route(
            "post", f"{prefix}/v1/messages/count_tokens", "Count a message's tokens", vendors.MessageTokens,
            request=MessagesRequest, error=error,
        )  # fmt: skip
    yield Route("get", "/anthropic/v1/models", "List models", vendors.AnthropicModelPage, page, error=error)
    yield Route("get", "/anthropic/v1/models/{model}", "Retrieve a model", vendors.AnthropicModel, error=error)


def _gemini() -> Iterator[Route]:
    content, error = ContentRequest, vendors.GoogleError
    methods = (
        Route("post", "generateContent", "Generate content (Gemini's API)", vendors.GeneratedContent),
        Route("post", "streamGenerateContent", "Stream content", vendors.GeneratedContent, ("alt",),
              events=vendors.GeneratedContent),
        Route("post", "countTokens", "Count a content's tokens", vendors.ContentTokens),
        Route("post", "embedContent", "Embed a content", vendors.ContentEmbedding),
        Route("post", "batchEmbedContents", "Embed several contents", vendors.ContentEmbeddings),
    )  # fmt: skip
    for base in ("/gemini/v1beta", "/v1beta", "/gemini/v1", "/v1"):
        for method in methods:
            yield replace(method, path=f"{base}/models/{{model}}:{method.path}", request=content, error=error)
    for base in ("/gemini/v1beta", "/v1beta", "/gemini/v1"):
        yield Route("get", f"{base}/models", "List models", vendors.GeminiModelList, error=error)
        yield Route("get", f"{base}/models/{{model}}", "Retrieve a model", vendors.GeminiModel, error=error)


ROUTES = (
    Route("get", "/v1/responses/{response_id}", "Retrieve a response", answers.Response, ("stream", "starting_after")),
    Route("delete", "/v1/responses/{response_id}", "Delete a response", answers.DeletedResponse),
    Route("get", "/v1/responses/{response_id}/input_items", "List a response's input", answers.ItemList, PAGE),
    Route("post", "/v1/responses/{response_id}/cancel", "Cancel a background response", answers.Response),
    Route("post", "/v1/responses/input_tokens", "Count the tokens of an input", answers.TokenCount),
    Route("post", "/v1/responses/compact", "Compact a conversation", None),
    Route("get", "/v1/models", "List models", answers.ModelPage),
    Route("get", "/v1/models/{model}", "Retrieve a model", answers.Model),
    Route("get", "/v1/usage", "What the calling key has used", answers.Usage),
    Route("get", "/v1/organization/keys", "List the gateway's keys", answers.KeyList),
    Route("post", "/v1/organization/keys", "Make a key", answers.OrganizationKey, request=answers.NewKey),
    Route("get", "/v1/organization/keys/{name}", "Retrieve a key", answers.OrganizationKey),
    Route("delete", "/v1/organization/keys/{name}", "Revoke a key", answers.RevokedKey),
    *(
        Route("get", f"/v1/organization/{report}", summary, answers.UsagePage, USAGE)
        for report, summary in (
            ("usage/completions", "What all keys have used of chat, responses and messages"),
            ("usage/embeddings", "What all keys have used of embeddings"),
            ("usage/moderations", "What all keys have used of moderations"),
            ("usage/images", "What all keys have used of images"),
            ("usage/audio_speeches", "What all keys have used of speech"),
            ("usage/audio_transcriptions", "What all keys have used of transcriptions"),
            ("costs", "What all keys have cost"),
        )
    ),
    Route("get", "/", "A page for people", None, keyed=False),
    Route("get", "/healthz", "Whether the process lives", None, keyed=False),
    Route("get", "/readyz", "Whether requests can be served", None, keyed=False),
    *_anthropic(),
    *_gemini(),
)
