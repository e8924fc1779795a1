"""The dashboard of providers."""

from tools.dashboards.parts import Bars, Column, Dashboard, Graph, Limits, Row, Table
from tools.dashboards.queries import (
    DURATION,
    FAILURES,
    FIRST_TOKEN,
    G_ROUTED,
    NOW,
    PER_TOKEN,
    PM,
    REQUESTS,
    ROUTED,
    SHOWN,
    SLOW_START,
    G,
    P,
    cost,
    failed,
    lately,
    p95,
    rate,
    ratio,
    top,
    use,
)

CALLS = "unigate_adapter_calls_total"
FIRST_BYTE = "unigate_upstream_first_byte_seconds"
FIRST_CHUNK = "gen_ai_client_operation_time_to_first_chunk_seconds"
CALL_DURATION = "gen_ai_client_operation_duration_seconds"
NAME = "{{provider}}"
HEADROOM = "unigate_upstream_rate_limit_remaining_ratio"
SCARCE = Limits(0.25, 0.1, low=True)
CIRCUIT = ((0, "closed", "green"), (1, "open", "red"), (2, "half open", "orange"))
OUTCOMES = (("^ok$", "green"), ("^cancelled$", "purple"))

NOW_ROW = Row(
    "The last five minutes",
    (
        Table(
            "Providers",
            ("provider",),
            (
                *use("provider"),
                Column("Duration, p95", "s", lately(DURATION, G_ROUTED, "provider")),
                Column("First token, p95", "s", lately(FIRST_TOKEN, G_ROUTED, "provider"), SLOW_START),
                Column("Vendor's first byte, p95", "s", lately(FIRST_BYTE, P, "provider")),
                Column("Per output token, p95", "s", lately(PER_TOKEN, G_ROUTED, "provider")),
                Column("Ready adapters", "none", f"sum by (provider) (unigate_ready_subchannels{{{P}}})",
                       Limits(1, 1, low=True)),
                Column("Cost per hour", "currencyUSD", cost("provider", NOW)),
            ),
            "Failed",
            "Failed: a status of 500 and above.",
        ),
    ),
    height=7,
    widths=(24,),
)  # fmt: skip

SERVICE = Row(
    "Service",
    (
        Graph("Requests", "reqps", ((rate(REQUESTS, ROUTED, "provider"), NAME),), stacked=True),
        Graph("Failed", "percentunit", ((failed(ROUTED, "provider"), NAME),), "Answers with a status of 500 and above.",
              limits=FAILURES),
        Graph("First token, p95", "s", ((p95(FIRST_TOKEN, G_ROUTED, "provider"), NAME),),
              "Of streams, as clients see it.", exemplars=True, log=True, limits=SLOW_START),
    ),
)  # fmt: skip

VENDORS = Row(
    "The vendors' part",
    (
        Graph("Vendor's first byte, p95", "s", ((p95(FIRST_BYTE, P, "provider"), NAME),),
              "From the adapter's call of the vendor, of all calls.", log=True),
        Graph("Vendor's first byte of streams, p95", "s", ((p95(FIRST_CHUNK, G, "provider"), NAME),),
              "From the adapter's call of the vendor.", log=True),
        Graph("Time per output token, p95", "s", ((p95(PER_TOKEN, G, "provider"), NAME),),
              "After the first, of streams.", log=True),
    ),
)  # fmt: skip

ADAPTERS = Row(
    "Calls of adapters, each attempt of its own",
    (
        Graph("Outcomes", "reqps", ((rate(CALLS, P, "outcome"), "{{outcome}}"),), stacked=True, colors=OUTCOMES),
        Graph("Failed calls", "percentunit",
              ((ratio(rate(CALLS, f'{P},outcome!~"ok|cancelled"', "provider"), rate(CALLS, P, "provider")), NAME),),
              "Neither answered nor cancelled by the client."),
        Graph("Duration, p95", "s", ((p95(CALL_DURATION, G, "provider"), NAME),),
              "A whole call, to a stream's end.", exemplars=True, log=True),
    ),
)  # fmt: skip

RELIABILITY = Row(
    "Reliability",
    (
        Graph("Retries and fallbacks", "reqps", (
            (rate("unigate_retries_total", P, "provider"), "retry: {{provider}}"),
            (rate("unigate_fallbacks_total", P, "provider"), "fallback from {{provider}}"),
            (rate("unigate_retry_budget_exhausted_total"), "not retried, budget exhausted"),
        ), "Retries ask the same model again, fallbacks the next of the alias."),
        Table("Circuits that are not closed", ("provider", "model"), (
            Column("Circuit", "none", f"max by (provider, model) (unigate_circuit_state{{{PM}}} > 0)", words=CIRCUIT),
        ), "Circuit", "A model that keeps failing is not asked for a while.", none="All closed"),
        Bars("Left of the vendor's rate limit", "percentunit",
             f"sort(bottomk(6, min by (provider, model, resource) ({HEADROOM}{{{PM}}})))",
             "{{provider}}/{{model}} {{resource}}", "What the vendor last said; the scarcest six.", SCARCE, full=1,
             none="No vendor told"),
    ),
)  # fmt: skip

FIDELITY = Row(
    "Fidelity, in the time shown",
    (
        Bars("Dropped parameters", "short",
             top(6, f"sum by (provider, param) (increase(unigate_dropped_params_total{{{P}}}{SHOWN}))"),
             "{{provider}} {{param}}", "Left out of the vendor's request. The six most frequent.",
             none="None dropped"),
        Bars("Ignored native events", "short",
             top(6, f"sum by (provider, kind) (increase(unigate_ignored_native_events_total{{{P}}}{SHOWN}))"),
             "{{provider}} {{kind}}", "What vendors sent that has no place in an answer. The six most frequent.",
             none="None ignored"),
        Bars("Refreshes of cloud credentials", "short",
             top(6, f"sum by (provider, outcome) (increase(unigate_adapter_credential_refreshes_total{{{P}}}{SHOWN}))"),
             "{{provider}} {{outcome}}", "Tokens that identities of clouds handed out, or failed to.",
             none="No provider has such"),
    ),
    widths=(12,),
)  # fmt: skip

PROVIDERS = Dashboard(
    "providers", "Providers", "What the providers do, and what the gateway does about it.", ("provider", "model"),
    (NOW_ROW, SERVICE, VENDORS, ADAPTERS, RELIABILITY, FIDELITY),
)  # fmt: skip
