"""The dashboards of hops, tenants and processes."""

from tools.dashboard_queries import KF, RATE, Dashboard, K, P, Panel, Row, quantile, quantiles, rare, rate

HOPS = Dashboard(
    "hops",
    "Hops and gRPC",
    "Where the gateway's own time goes.",
    ("provider",),
    (
        Row(
            "Overhead",
            (
                Panel(
                    "Overhead",
                    "s",
                    quantiles("unigate_overhead_seconds", P),
                    "The gateway's own time up to the first byte of the answer.",
                ),
                Panel("Hops, p50", "s", ((quantile(0.5, "unigate_hop_seconds", P, "hop"), "{{hop}}"),), stacked=True),
                Panel("Hops, p99", "s", ((quantile(0.99, "unigate_hop_seconds", P, "hop"), "{{hop}}"),)),
            ),
        ),
        Row(
            "Beside the vendor",
            (
                Panel(
                    "Whole and streamed, p95",
                    "s",
                    ((quantile(0.95, "unigate_overhead_seconds", P, "streamed"), "streamed {{streamed}}"),),
                ),
                Panel(
                    "Before the vendor's call, p95",
                    "s",
                    ((quantile(0.95, "unigate_adapter_request_seconds", P, "provider"), "{{provider}}"),),
                    "Reading and translating the request.",
                ),
                Panel(
                    "Vendor's first byte, p95",
                    "s",
                    ((quantile(0.95, "unigate_upstream_first_byte_seconds", P, "provider"), "{{provider}}"),),
                ),
            ),
        ),
        Row(
            "gRPC",
            (
                Panel(
                    "Ready subchannels",
                    "none",
                    ((f"sum by (provider) (unigate_ready_subchannels{{{P}}})", "{{provider}}"),),
                    "Connections to pods of adapters, of all edges together.",
                ),
                Panel(
                    "Calls in flight",
                    "none",
                    (
                        (
                            f"sum by (provider, operation) (unigate_adapter_in_flight{{{P}}})",
                            "{{provider}} {{operation}}",
                        ),
                    ),
                ),
                Panel(
                    "Events per write",
                    "none",
                    (
                        (
                            (
                                f"{rate('unigate_stream_events_total', P, 'provider')} / "
                                f"{rate('unigate_stream_frames_total', P, 'provider')}"
                            ),
                            "{{provider}}",
                        ),
                    ),
                    "More than one: the client, or the gateway, is slower than the vendor.",
                ),
            ),
        ),
    ),
)

TENANTS = Dashboard(
    "tenants",
    "Tenants",
    "The busiest keys.",
    ("key",),
    (
        Row(
            "Use",
            (
                Panel(
                    "Requests, top 10",
                    "reqps",
                    ((f"topk(10, {rate('unigate_key_requests_total', K, 'key')})", "{{key}}"),),
                    stacked=True,
                ),
                Panel(
                    "Tokens, top 10",
                    "short",
                    ((f"topk(10, {rate('unigate_key_tokens_total', K, 'key')})", "{{key}}"),),
                    "Per second.",
                    stacked=True,
                ),
                Panel(
                    "Refused or failed",
                    "reqps",
                    (
                        (
                            f"topk(10, {rate('unigate_key_requests_total', KF, 'key, status_class')} or vector(0))",
                            "{{key}} {{status_class}}",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "Limits",
            (
                Panel(
                    "Refused by a limit",
                    "reqps",
                    ((rare("unigate_rate_limited_total", K, "key, limit"), "{{key}} {{limit}}"),),
                ),
                Panel(
                    "Limits without a store",
                    "reqps",
                    ((rare("unigate_limit_store_down_total", by="outcome"), "{{outcome}}"),),
                    "Requests of limited keys while the store could not be asked.",
                ),
                Panel(
                    "Idempotent requests",
                    "reqps",
                    ((rare("unigate_idempotent_requests_total", by="result"), "{{result}}"),),
                ),
            ),
        ),
    ),
)

RUNTIME = Dashboard(
    "runtime",
    "Runtime",
    "Processes, the event loop, the store and the configuration.",
    (),
    (
        Row(
            "Processes",
            (
                Panel(
                    "CPU",
                    "percentunit",
                    (
                        (
                            (
                                "sum by (job, instance) "
                                f"(rate(process_cpu_seconds_total{RATE}) and on (job, instance) python_info)"
                            ),
                            "{{job}} {{instance}}",
                        ),
                    ),
                    "Of one core.",
                ),
                Panel(
                    "Memory",
                    "bytes",
                    (
                        (
                            "sum by (job, instance) (process_resident_memory_bytes and on (job, instance) python_info)",
                            "{{job}} {{instance}}",
                        ),
                    ),
                ),
                Panel(
                    "Open files",
                    "none",
                    (
                        (
                            "sum by (job, instance) (process_open_fds and on (job, instance) python_info)",
                            "{{job}} {{instance}}",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            "Event loop",
            (
                Panel(
                    "Event loop lag, p99",
                    "s",
                    ((quantile(0.99, "unigate_event_loop_lag_seconds", by="job, instance"), "{{job}} {{instance}}"),),
                    "How much later than asked the loop calls back.",
                ),
                Panel(
                    "Garbage collections",
                    "cps",
                    ((rate("python_gc_collections_total", by="job, generation"), "{{job}} {{generation}}"),),
                ),
                Panel(
                    "In flight, what autoscaling sees",
                    "none",
                    (
                        ("sum by (instance) (unigate_requests_in_flight)", "edge {{instance}}"),
                        ("sum by (provider, instance) (unigate_adapter_in_flight)", "{{provider}} {{instance}}"),
                    ),
                ),
            ),
        ),
        Row(
            "Around them",
            (
                Panel(
                    "State store",
                    "none",
                    (
                        ("min (unigate_state_up)", "up"),
                        (rate("unigate_state_errors_total"), "failed commands per second"),
                    ),
                ),
                Panel(
                    "Configuration",
                    "none",
                    (
                        ("min (unigate_config_last_reload_successful)", "the file can be used"),
                        (rare("unigate_config_reloads_total", by="result"), "{{result}}"),
                    ),
                ),
                Panel(
                    "Age of processes",
                    "s",
                    (
                        (
                            "time() - (process_start_time_seconds and on (job, instance) python_info)",
                            "{{job}} {{instance}}",
                        ),
                    ),
                ),
            ),
        ),
    ),
)
