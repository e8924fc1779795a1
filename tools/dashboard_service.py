"""The dashboards of service levels, providers and models."""

from tools.dashboard_queries import (
    DURATION,
    FAILED,
    FIRST_TOKEN,
    PER_TOKEN,
    PM,
    Dashboard,
    G,
    P,
    Panel,
    Row,
    quantile,
    quantiles,
    rare,
    rate,
    ratio,
    stat,
)

OVERVIEW = Dashboard(
    "overview",
    "Overview",
    "Service levels of the gateway.",
    ("provider", "model"),
    (
        Row(
            "Service levels",
            (
                stat("Requests", "reqps", rate("unigate_requests_total", PM)),
                stat("Failed", "percentunit", FAILED, "Answers with a status of 500 and above.", 0.01),
                stat("First token, p95", "s", quantile(0.95, FIRST_TOKEN, G), "Of streams.", 5),
                stat(
                    "Overhead, p99", "s", quantile(0.99, "unigate_overhead_seconds", P), "The gateway's own time.", 0.05
                ),
                stat("In flight", "none", "sum (unigate_requests_in_flight)"),
                stat("Cost per hour", "currencyUSD", f"3600 * {rate('unigate_cost_usd_total', P)}"),
            ),
        ),
        Row(
            "Traffic",
            (
                Panel(
                    "Requests by status",
                    "reqps",
                    ((rate("unigate_requests_total", PM, "status"), "{{status}}"),),
                    stacked=True,
                ),
                Panel(
                    "Requests by endpoint",
                    "reqps",
                    ((rate("unigate_requests_total", PM, "operation"), "{{operation}}"),),
                    stacked=True,
                ),
                Panel(
                    "Errors by code", "reqps", ((rate("unigate_errors_total", P, "code"), "{{code}}"),), stacked=True
                ),
            ),
        ),
        Row(
            "Latency",
            (
                Panel(
                    "Duration",
                    "s",
                    quantiles(DURATION, G),
                    "From the first byte of the request to the last of the answer.",
                    exemplars=True,
                ),
                Panel("Time to first token", "s", quantiles(FIRST_TOKEN, G), "Of streams.", exemplars=True),
                Panel("Time per output token", "s", quantiles(PER_TOKEN, G), "After the first, of streams."),
            ),
        ),
        Row(
            "What went wrong",
            (
                Panel(
                    "Clients that left",
                    "reqps",
                    ((rare("unigate_client_disconnects_total", by="phase"), "{{phase}}"),),
                    "By phase: body, wait, answer.",
                ),
                Panel(
                    "Errors inside streams", "reqps", ((rare("unigate_stream_errors_total", P, "code"), "{{code}}"),)
                ),
                Panel(
                    "Refused by limits, shed",
                    "reqps",
                    (
                        (rare("unigate_rate_limited_total", by="limit"), "limit {{limit}}"),
                        (rare("unigate_requests_shed_total", by="reason"), "shed {{reason}}"),
                    ),
                ),
            ),
        ),
    ),
)

PROVIDERS = Dashboard(
    "providers",
    "Providers",
    "What the providers do, and what the gateway does about it.",
    ("provider", "model"),
    (
        Row(
            "Service",
            (
                Panel(
                    "Requests",
                    "reqps",
                    ((rate("unigate_requests_total", PM, "provider"), "{{provider}}"),),
                    stacked=True,
                ),
                Panel(
                    "Failed",
                    "percentunit",
                    (
                        (
                            ratio(
                                rate("unigate_requests_total", f'{PM},status=~"5.."', "provider"),
                                rate("unigate_requests_total", PM, "provider"),
                            ),
                            "{{provider}}",
                        ),
                    ),
                    "Answers with a status of 500 and above.",
                ),
                Panel(
                    "First byte of the vendor, p95",
                    "s",
                    ((quantile(0.95, "unigate_upstream_first_byte_seconds", P, "provider"), "{{provider}}"),),
                ),
            ),
        ),
        Row(
            "Streams",
            (
                Panel(
                    "First token, p95",
                    "s",
                    ((quantile(0.95, FIRST_TOKEN, G, "provider"), "{{provider}}"),),
                    exemplars=True,
                ),
                Panel(
                    "First chunk at the adapter, p95",
                    "s",
                    (
                        (
                            quantile(0.95, "gen_ai_client_operation_time_to_first_chunk_seconds", G, "provider"),
                            "{{provider}}",
                        ),
                    ),
                ),
                Panel("Time per output token, p95", "s", ((quantile(0.95, PER_TOKEN, G, "provider"), "{{provider}}"),)),
            ),
        ),
        Row(
            "Calls of adapters",
            (
                Panel(
                    "Outcomes",
                    "reqps",
                    ((rate("unigate_adapter_calls_total", P, "outcome"), "{{outcome}}"),),
                    stacked=True,
                ),
                Panel(
                    "Duration, p95",
                    "s",
                    ((quantile(0.95, "gen_ai_client_operation_duration_seconds", G, "provider"), "{{provider}}"),),
                    exemplars=True,
                ),
                Panel(
                    "In flight", "none", ((f"sum by (provider) (unigate_adapter_in_flight{{{P}}})", "{{provider}}"),)
                ),
            ),
        ),
        Row(
            "Reliability",
            (
                Panel(
                    "Retries and fallbacks",
                    "reqps",
                    (
                        (rare("unigate_retries_total", P, "provider, reason"), "retry {{provider}} {{reason}}"),
                        (rare("unigate_fallbacks_total", P, "provider, reason"), "fallback {{provider}} {{reason}}"),
                        (rate("unigate_retry_budget_exhausted_total"), "budget exhausted"),
                    ),
                ),
                Panel(
                    "Open circuits",
                    "none",
                    (
                        (
                            f"count by (provider, model) (unigate_circuit_state{{{PM}}} > 0) or vector(0)",
                            "{{provider}}/{{model}}",
                        ),
                    ),
                ),
                Panel(
                    "Left of the vendor's rate limit",
                    "percentunit",
                    (
                        (
                            (
                                "min by (provider, model, resource) "
                                f"(unigate_upstream_rate_limit_remaining_ratio{{{PM}}}) or vector(1)"
                            ),
                            "{{provider}}/{{model}} {{resource}}",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "Fidelity",
            (
                Panel(
                    "Dropped parameters",
                    "reqps",
                    ((rare("unigate_dropped_params_total", P, "provider, param"), "{{provider}} {{param}}"),),
                ),
                Panel(
                    "Ignored native events",
                    "cps",
                    ((rare("unigate_ignored_native_events_total", P, "provider, kind"), "{{provider}} {{kind}}"),),
                ),
            ),
        ),
    ),
)

MODELS = Dashboard(
    "models",
    "Models, tokens and cost",
    "Who thinks how much, and for how much.",
    ("provider", "model"),
    (
        Row(
            "Use",
            (
                Panel(
                    "Requests",
                    "reqps",
                    ((rate("unigate_requests_total", PM, "provider, model"), "{{provider}}/{{model}}"),),
                    stacked=True,
                ),
                Panel(
                    "Duration, p95",
                    "s",
                    (
                        (
                            quantile(0.95, DURATION, G, "provider, gen_ai_request_model"),
                            "{{provider}}/{{gen_ai_request_model}}",
                        ),
                    ),
                ),
                Panel(
                    "First token, p95",
                    "s",
                    (
                        (
                            quantile(0.95, FIRST_TOKEN, G, "provider, gen_ai_request_model"),
                            "{{provider}}/{{gen_ai_request_model}}",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "Tokens",
            (
                Panel(
                    "Tokens by type",
                    "short",
                    ((rate("unigate_tokens_total", PM, "type"), "{{type}}"),),
                    "Per second. Cached tokens are parts of input, reasoning of output.",
                ),
                Panel(
                    "Tokens by model",
                    "short",
                    (
                        (
                            rate("unigate_tokens_total", f'{PM},type=~"input|output"', "provider, model"),
                            "{{provider}}/{{model}}",
                        ),
                    ),
                    stacked=True,
                ),
                Panel(
                    "Tokens of a call",
                    "short",
                    (
                        (
                            quantile(0.5, "gen_ai_client_token_usage", G, "gen_ai_token_type"),
                            "{{gen_ai_token_type}} p50",
                        ),
                        (
                            quantile(0.95, "gen_ai_client_token_usage", G, "gen_ai_token_type"),
                            "{{gen_ai_token_type}} p95",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "Cost",
            (
                Panel(
                    "Cost per hour by model",
                    "currencyUSD",
                    ((f"3600 * {rate('unigate_cost_usd_total', P, 'provider, model')}", "{{provider}}/{{model}}"),),
                    stacked=True,
                ),
                Panel(
                    "Cost per hour by endpoint",
                    "currencyUSD",
                    ((f"3600 * {rate('unigate_cost_usd_total', P, 'operation')}", "{{operation}}"),),
                    stacked=True,
                ),
                Panel(
                    "Read from the vendor's cache",
                    "percentunit",
                    (
                        (
                            ratio(
                                rate("unigate_tokens_total", f'{PM},type="cache_read"', "provider"),
                                rate("unigate_tokens_total", f'{PM},type="input"', "provider"),
                            ),
                            "{{provider}}",
                        ),
                    ),
                    "Of input tokens.",
                ),
            ),
        ),
        Row(
            "Response cache",
            (Panel("Look-ups", "reqps", ((rare("unigate_cache_lookups_total", by="result"), "{{result}}"),)),),
        ),
    ),
)
