"""The dashboard of keys."""

from tools.dashboards.parts import Dashboard, Graph, Row, Table
from tools.dashboards.queries import KEY_REQUESTS, K, key_use, rate, ratio

CACHED, INPUT = f'{K},type="cache_read"', f'{K},type="input"'
KEY_TOKENS = "unigate_key_tokens_total"
FAILING = f'{K},status_class="5xx"'

NOW_ROW = Row(
    "The last five minutes",
    (
        Table("Keys", ("key",), key_use(K), "Cost per hour",
              "Failed: a status of 500 and above. Refused: 400 to 499, limits among them."),
    ),
    height=8,
    widths=(24,),
)  # fmt: skip

USE = Row(
    "Use",
    (
        Graph("Requests, top 10", "reqps", ((f"topk(10, {rate(KEY_REQUESTS, K, 'key')})", "{{key}}"),), stacked=True),
        Graph("Tokens per second, top 10", "short",
              ((f"topk(10, {rate('unigate_key_tokens_total', K, 'key')})", "{{key}}"),),
              "Input and output.", stacked=True),
        Graph("Failed, top 10", "reqps", ((f"topk(10, {rate(KEY_REQUESTS, FAILING, 'key')})", "{{key}}"),),
              "Answers with a status of 500 and above.", stacked=True, none="Nothing failed"),
    ),
)  # fmt: skip

CACHE = Row(
    "The vendors' prompt caches",
    (
        Graph("Read from the cache, top 10", "percentunit",
              ((f"topk(10, {ratio(rate(KEY_TOKENS, CACHED, 'key'), rate(KEY_TOKENS, INPUT, 'key'))})",
                "{{key}}"),), "Of input tokens."),
        Graph("Saved per hour, top 10", "currencyUSD",
              ((f"topk(10, 3600 * {rate('unigate_key_cache_saved_usd_total', K, 'key')})", "{{key}}"),), stacked=True,
              none="Nothing came from a cache"),
    ),
)  # fmt: skip

LIMITS = Row(
    "Limits",
    (
        Graph("Refused by a limit", "reqps",
              ((rate("unigate_rate_limited_total", K, "key, limit"), "{{key}}: {{limit}}"),), stacked=True,
              none="No limit reached"),
        Graph("Limits without a store", "reqps",
              ((rate("unigate_limit_store_down_total", by="outcome"), "{{outcome}}"),),
              "Requests of limited keys while the shared store could not be asked, and what became of them.",
              none="The store answered always"),
        Graph("Requests with an Idempotency-Key", "reqps",
              ((rate("unigate_idempotent_requests_total", by="result"), "{{result}}"),), stacked=True,
              none="No such requests"),
    ),
)  # fmt: skip

TENANTS = Dashboard(
    "tenants", "Tenants", "The busiest keys, and those that meet limits.", ("key",), (NOW_ROW, USE, CACHE, LIMITS)
)
