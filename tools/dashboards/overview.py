"""The dashboard to look at first: is all well, and if not, who is slow, failing or expensive."""

from tools.dashboards.parts import Bars, Column, Dashboard, Graph, Number, Row, Table
from tools.dashboards.queries import (
    DURATION,
    FAILURES,
    FIRST_TOKEN,
    G_ROUTED,
    NOW,
    OVERHEAD,
    PER_TOKEN,
    PM,
    RATE,
    REQUESTS,
    SLOW_START,
    G,
    P,
    cost,
    failed,
    key_use,
    lately,
    lately_by_model,
    p95,
    quantile,
    quantiles,
    rate,
    use,
)

STATUSES = (("^2", "green"), ("^4(?!29|99)", "yellow"), ("^429", "orange"), ("^499", "purple"), ("^5", "red"))
QUANTILES = (("p50", "green"), ("p95", "yellow"), ("p99", "orange"))

LEVELS = Row(
    "Service levels",
    (
        Number("Requests", "reqps", rate(REQUESTS, PM)),
        Number("Failed", "percentunit", failed(PM), "Answers with a status of 500 and above.", limits=FAILURES),
        Number("First token, p95", "s", p95(FIRST_TOKEN, G), "Of streams.", limits=SLOW_START),
        Number(
            "Overhead, p99",
            "s",
            quantile(0.99, "unigate_overhead_seconds", P),
            "The gateway's own time.",
            limits=OVERHEAD,
        ),
        Number("In flight", "none", f"sum (avg_over_time(unigate_requests_in_flight{RATE}))", "Requests being served."),
        Number("Cost per hour", "currencyUSD", cost(""), "Where prices are known."),
    ),
    height=4,
    widths=(4,),
)

WHERE = Row(
    "Which provider or hop is slow, failing or expensive: the last five minutes",
    (
        Table(
            "Providers",
            ("provider",),
            (
                *use("provider"),
                Column("Duration, p95", "s", lately(DURATION, G_ROUTED, "provider")),
                Column(
                    "First token, p95",
                    "s",
                    lately(FIRST_TOKEN, G_ROUTED, "provider"),
                    SLOW_START,
                ),
                Column("Cost per hour", "currencyUSD", cost("provider", NOW)),
            ),
            "Failed",
            "Failed: a status of 500 and above. A provider's name leads to its dashboard.",
            to="providers",
        ),
        Bars(
            "Hops of the gateway, p99",
            "s",
            f"sort_desc({quantile(0.99, 'unigate_hop_seconds', P, 'hop', NOW)} >= 0)",
            "{{hop}}",
            "The parts of the overhead; the vendor's time is none of them.",
            OVERHEAD,
        ),
    ),
    height=7,
    widths=(14, 10),
)

WHO = Row(
    "Which model or key is: the last five minutes",
    (
        Table(
            "Models",
            ("provider", "model"),
            (
                *use("provider, model"),
                Column(
                    "Duration, p95",
                    "s",
                    lately_by_model(DURATION),
                ),
                Column("Cost per hour", "currencyUSD", cost("provider, model", NOW)),
            ),
            "Cost per hour",
            "Models that their provider does not list are `other`.",
            to="models",
        ),
        Table("Keys", ("key",), key_use(), "Cost per hour", "Refused: a status of 400 to 499.", to="tenants"),
    ),
    height=9,
    widths=(14, 10),
)

TRAFFIC = Row(
    "Traffic",
    (
        Graph("Requests by status", "reqps", ((rate(REQUESTS, PM, "status"), "{{status}}"),), stacked=True,
              colors=STATUSES),
        Graph("Requests by endpoint", "reqps", ((rate(REQUESTS, PM, "operation"), "{{operation}}"),), stacked=True),
        Graph("Errors by code", "reqps", ((rate("unigate_errors_total", P, "code"), "{{code}}"),), stacked=True,
              none="No errors"),
    ),
)  # fmt: skip

LATENCY = Row(
    "Latency",
    (
        Graph("Duration", "s", quantiles(DURATION, G), "From the first byte of the request to the last of the answer.",
              exemplars=True, log=True, colors=QUANTILES),
        Graph("Time to first token", "s", quantiles(FIRST_TOKEN, G), "Of streams.", exemplars=True, log=True,
              colors=QUANTILES, limits=SLOW_START),
        Graph("Time per output token", "s", quantiles(PER_TOKEN, G), "After the first, of streams.", log=True,
              colors=QUANTILES),
    ),
)  # fmt: skip

TROUBLE = Row(
    "What went wrong",
    (
        Graph("Errors inside streams", "reqps", ((rate("unigate_stream_errors_total", P, "code"), "{{code}}"),),
              "After the first byte, when the status could not tell any more.", stacked=True,
              none="No errors"),
        Graph("Clients that left", "reqps", ((rate("unigate_client_disconnects_total", by="phase"), "{{phase}}"),),
              "While they sent the body, waited, or were answered.", stacked=True,
              none="Nobody left"),
        Graph("Refused by limits or to shed load", "reqps", (
            (rate("unigate_rate_limited_total", by="limit"), "limit of {{limit}}"),
            (rate("unigate_requests_shed_total", by="reason"), "shed: {{reason}}"),
        ), stacked=True, none="Nothing refused"),
        Graph("Connections of clients", "short", (
            ("sum(unigate_connections_open)", "open"),
            (rate("unigate_connections_closed_total", by="reason"), "closed for {{reason}}, per second"),
        )),
    ),
)  # fmt: skip

OVERVIEW = Dashboard(
    "overview", "Overview", "Is all well, and if not, who is slow, failing or expensive.", ("provider", "model"),
    (LEVELS, WHERE, WHO, TRAFFIC, LATENCY, TROUBLE),
)  # fmt: skip
