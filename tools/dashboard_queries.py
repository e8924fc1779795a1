"""What dashboards are made of, and the forms of their queries."""

from dataclasses import dataclass

RATE = "[$__rate_interval]"
P = 'provider=~"$provider"'
PM = f'{P},model=~"$model"'
K = 'key=~"$key"'
KF = f'{K},status_class=~"4xx|5xx"'
G = f'{P},gen_ai_request_model=~"$model"'


@dataclass(frozen=True)
class Panel:
    """One panel: queries with their legends, and the unit of what they tell. From `warn` on a value is orange."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    text: str = ""
    kind: str = "timeseries"
    stacked: bool = False
    exemplars: bool = False
    warn: float | None = None


@dataclass(frozen=True)
class Row:
    """Panels side by side."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Dashboard:
    """One dashboard; `name` is that of its file."""

    name: str
    title: str
    text: str
    variables: tuple[str, ...]
    rows: tuple[Row, ...]


def rate(metric: str, labels: str = "", by: str = "") -> str:
    """The rate of a counter, summed."""
    selector = f"{{{labels}}}" if labels else ""
    return f"sum{f' by ({by})' if by else ''} (rate({metric}{selector}{RATE}))"


def rare(metric: str, labels: str = "", by: str = "") -> str:
    """The rate of a counter that has no series before the first event; 0 until then."""
    return f"{rate(metric, labels, by)} or vector(0)"


def quantile(share: float, metric: str, labels: str = "", by: str = "") -> str:
    """A quantile of a histogram."""
    groups = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', labels, groups)})"


def ratio(part: str, whole: str) -> str:
    """A share that is 0 while there is nothing of the part."""
    return f"({part} or 0 * {whole}) / {whole}"


def quantiles(metric: str, labels: str = "") -> tuple[tuple[str, str], ...]:
    """Median, p95 and p99."""
    return tuple(
        (quantile(share, metric, labels), name) for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
    )


_QUANTILES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))


def stat(title: str, unit: str, query: str, text: str = "", warn: float | None = None) -> Panel:
    """A panel with one number."""
    return Panel(title, unit, ((query, ""),), text, kind="stat", warn=warn)


DURATION = "gen_ai_server_request_duration_seconds"
FIRST_TOKEN = "gen_ai_server_time_to_first_token_seconds"  # noqa: S105 - a name
PER_TOKEN = "gen_ai_server_time_per_output_token_seconds"  # noqa: S105 - a name
FAILED = ratio(rate("unigate_requests_total", f'{PM},status=~"5.."'), rate("unigate_requests_total", PM))
