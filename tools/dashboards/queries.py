"""The forms of queries."""

from tools.dashboards.parts import Column, Limits, Query

RATE = "[$__rate_interval]"
NOW = "[5m]"
SHOWN = "[$__range]"
P = 'provider=~"$provider"'
PM = f'{P},model=~"$model"'
K = 'key=~"$key"'
G = f'{P},gen_ai_request_model=~"$model"'
# requests that are refused before anyone knows where they should go have the provider `none`
ROUTED = f'{PM},provider!="none"'
G_ROUTED = f'{G},provider!="none"'
P_ROUTED = f'{P},provider!="none"'

DURATION = "gen_ai_server_request_duration_seconds"
FIRST_TOKEN = "gen_ai_server_time_to_first_token_seconds"  # noqa: S105 - a name
PER_TOKEN = "gen_ai_server_time_per_output_token_seconds"  # noqa: S105 - a name
REQUESTS = "unigate_requests_total"
KEY_REQUESTS = "unigate_key_requests_total"

# where the alerts fire, a number is red
FAILURES = Limits(0.01, 0.05)
REFUSALS = Limits(0.05, 0.5)
SLOW_START = Limits(5, 10)
OVERHEAD = Limits(0.05, 0.1)
LAG = Limits(0.05, 0.25)


def rate(metric: str, labels: str = "", by: str = "", over: str = RATE) -> str:
    """The rate of a counter, summed."""
    selector = f"{{{labels}}}" if labels else ""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{selector}{over}))"


def quantile(share: float, metric: str, labels: str = "", by: str = "", over: str = RATE) -> str:
    """A quantile of a histogram."""
    groups = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', labels, groups, over)})"


def p95(metric: str, labels: str = "", by: str = "") -> str:
    """The 95th percentile of a histogram."""
    return quantile(0.95, metric, labels, by)


def lately(metric: str, labels: str, by: str) -> str:
    """The 95th percentile of the last minutes, of what there was any."""
    return f"{quantile(0.95, metric, labels, by, NOW)} >= 0"


def mean(metric: str, labels: str = "", by: str = "") -> str:
    """The mean of a histogram; unlike quantiles, means of parts add up to that of the whole."""
    return f"{rate(f'{metric}_sum', labels, by)} / {rate(f'{metric}_count', labels, by)}"


def ratio(part: str, whole: str) -> str:
    """A share that is 0 while there is nothing of the part, and no number while there is nothing of the whole."""
    return f"({part} or 0 * {whole}) / ({whole} > 0)"


def failed(labels: str, by: str = "", over: str = RATE) -> str:
    """The share of answers with a status of 500 and above."""
    return ratio(rate(REQUESTS, f'{labels},status=~"5.."', by, over), rate(REQUESTS, labels, by, over))


def quantiles(metric: str, labels: str = "") -> tuple[Query, ...]:
    """Median, p95 and p99."""
    return tuple(
        (quantile(share, metric, labels), name) for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    )


def level(metric: str, by: str, labels: str = "") -> str:
    """A gauge that jumps about, smoothed."""
    selector = f"{{{labels}}}" if labels else ""
    return f"sum by ({by}) (avg_over_time({metric}{selector}{RATE}))"


def top(count: int, query: str) -> str:
    """The greatest, the greatest first."""
    return f"sort_desc(topk({count}, {query}))"


def lately_by_model(metric: str) -> str:
    """The same by the labels `provider` and `model` of what the conventions have by `gen_ai_request_model`."""
    found = lately(metric, G_ROUTED, "provider, gen_ai_request_model")
    return f'sum by (provider, model) (label_replace({found}, "model", "$1", "gen_ai_request_model", "(.*)"))'


def use(by: str) -> tuple[Column, ...]:
    """What is asked, and what of it fails, in the last minutes."""
    return (
        Column("Requests", "reqps", rate(REQUESTS, ROUTED, by, NOW)),
        Column("Failed", "percentunit", failed(ROUTED, by, NOW), FAILURES),
    )


def cost(by: str, over: str = RATE) -> str:
    """US dollars an hour."""
    return f"3600 * {rate('unigate_cost_usd_total', PM, by, over)}"


def key_use(labels: str = "") -> tuple[Column, ...]:
    """What keys ask, and what of it fails or is refused, in the last minutes."""
    whole = rate(KEY_REQUESTS, labels, "key", NOW)

    def of(status_class: str) -> str:
        some = f"{labels}," if labels else ""
        return rate(KEY_REQUESTS, f'{some}status_class="{status_class}"', "key", NOW)

    return (
        Column("Requests", "reqps", whole),
        Column("Failed", "percentunit", ratio(of("5xx"), whole), FAILURES),
        Column("Refused", "percentunit", ratio(of("4xx"), whole), REFUSALS),
        Column("Tokens/s", "short", rate("unigate_key_tokens_total", labels, "key", NOW)),
        Column("Cost per hour", "currencyUSD", f"3600 * {rate('unigate_key_cost_usd_total', labels, 'key', NOW)}"),
    )
