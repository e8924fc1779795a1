"""The dashboard of models, tokens and cost."""

from tools.dashboards.parts import Column, Dashboard, Graph, Row, Table
from tools.dashboards.queries import (
    DURATION,
    FIRST_TOKEN,
    G_ROUTED,
    NOW,
    PM,
    REQUESTS,
    ROUTED,
    SLOW_START,
    G,
    cost,
    lately_by_model,
    p95,
    quantile,
    rate,
    ratio,
    use,
)

TOKENS = "unigate_tokens_total"
BY = "provider, model"
GEN_AI_BY = "provider, gen_ai_request_model"
NAME = "{{provider}}/{{model}}"
GEN_AI_NAME = "{{provider}}/{{gen_ai_request_model}}"

NOW_ROW = Row(
    "The last five minutes",
    (
        Table(
            "Models",
            ("provider", "model"),
            (
                *use(BY),
                Column("Duration, p95", "s", lately_by_model(DURATION)),
                Column("First token, p95", "s", lately_by_model(FIRST_TOKEN), SLOW_START),
                Column("Input tokens/s", "short", rate(TOKENS, f'{ROUTED},type="input"', BY, NOW)),
                Column("Output tokens/s", "short", rate(TOKENS, f'{ROUTED},type="output"', BY, NOW)),
                Column("Cost per hour", "currencyUSD", cost(BY, NOW)),
            ),
            "Cost per hour",
            "Models that their provider does not list are `other`; what has no known price costs nothing here.",
            to="providers",
        ),
    ),
    height=9,
    widths=(24,),
)

COST = Row(
    "Cost",
    (
        Graph("Cost per hour by model", "currencyUSD", ((cost(BY), NAME),), stacked=True),
        Graph("Cost per hour by endpoint", "currencyUSD", ((cost("operation"), "{{operation}}"),), stacked=True),
        Graph("Read from the vendor's cache", "percentunit", ((ratio(
            rate(TOKENS, f'{ROUTED},type="cache_read"', "provider"), rate(TOKENS, f'{ROUTED},type="input"', "provider"),
        ), "{{provider}}"),), "Of input tokens."),
        Graph("Saved by the vendors' caches, per hour", "currencyUSD", ((
            f"{rate('unigate_cache_saved_usd_total', ROUTED, BY)} * 3600", NAME,
        ),), stacked=True, none="Nothing came from a cache"),
    ),
)  # fmt: skip

USED = Row(
    "Tokens",
    (
        Graph("Tokens per second by type", "short", ((rate(TOKENS, PM, "type"), "{{type}}"),),
              "Cached tokens are parts of input, reasoning of output."),
        Graph("Tokens per second by model", "short",
              ((rate(TOKENS, f'{ROUTED},type=~"input|output"', BY), NAME),), "Input and output.", stacked=True),
        Graph("Tokens of a call", "short", tuple(
            (quantile(share, "gen_ai_client_token_usage", G, "gen_ai_token_type"), f"{{{{gen_ai_token_type}}}}, {name}")
            for share, name in ((0.5, "p50"), (0.95, "p95"))
        ), log=True),
    ),
)  # fmt: skip

SERVICE = Row(
    "Service",
    (
        Graph("Requests", "reqps", ((rate(REQUESTS, ROUTED, BY), NAME),), stacked=True),
        Graph("Requests by client API", "reqps", ((rate(REQUESTS, ROUTED, "client_api"), "{{client_api}}"),),
              "The API that clients speak, whoever answers.", stacked=True),
        Graph("Duration, p95", "s", ((p95(DURATION, G_ROUTED, GEN_AI_BY), GEN_AI_NAME),), exemplars=True, log=True),
        Graph("First token, p95", "s", ((p95(FIRST_TOKEN, G_ROUTED, GEN_AI_BY), GEN_AI_NAME),), "Of streams.",
              exemplars=True, log=True, limits=SLOW_START),
    ),
)  # fmt: skip

CACHE = Row(
    "Response cache",
    (
        Graph("Look-ups", "reqps", ((rate("unigate_cache_lookups_total", by="result"), "{{result}}"),),
              "Of keys that use it.", stacked=True, none="No key uses it"),
        Graph("Answered from it", "percentunit", ((ratio(
            rate("unigate_cache_lookups_total", 'result="hit"', "operation"),
            rate("unigate_cache_lookups_total", by="operation"),
        ), "{{operation}}"),), "Of the look-ups.", none="No key uses it"),
    ),
    height=7,
    widths=(12,),
)  # fmt: skip

MODELS = Dashboard(
    "models", "Models, tokens and cost", "Which model does how much, and for how much.", ("provider", "model"),
    (NOW_ROW, COST, USED, SERVICE, CACHE),
)  # fmt: skip
