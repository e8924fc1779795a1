"""The dashboard of processes and of what is around them."""

from tools.dashboards.parts import Bars, Dashboard, Graph, Number, Row
from tools.dashboards.queries import LAG, RATE, SHOWN, level, quantile, rate

J = 'job=~"$job"'
# only the gateway's processes: an exporter in the same jobs is none
OURS = f"and on (job, instance) python_info{{{J}}}"
NAME = "{{job}} {{instance}}"
UP = ((1, "up", "green"), (0, "down", "red"))
CURRENT = ((1, "current", "green"), (0, "stale: file refused", "red"))

STATE = Row(
    "State",
    (
        Number("Shared store", "none", "min (unigate_state_up)", "Up also where there is none.", words=UP),
        Number("Configuration", "none", "min (unigate_config_last_reload_successful)",
               "Of the edge that is worst off.", words=CURRENT),
        Number("Processes", "none", f"count (python_info{{{J}}})", "Edges and adapters.", past=False),
        Number("Youngest process", "s", f"time() - max (process_start_time_seconds{{{J}}} {OURS})",
               "Starts anew with every restart.", past=False),
    ),
    height=4,
    widths=(6,),
)  # fmt: skip

LOOP = Row(
    "Load",
    (
        Graph("Event loop lag, p99", "s",
              ((quantile(0.99, "unigate_event_loop_lag_seconds", J, "job, instance"), NAME),),
              "How much later than asked the loop calls back.", log=True, limits=LAG, many=True),
        Graph("CPU", "percentunit",
              ((f"sum by (job, instance) (rate(process_cpu_seconds_total{{{J}}}{RATE}) {OURS})", NAME),),
              "Of one core; a process has one thread that works.", many=True),
        Graph("In flight, what autoscaling sees", "none", (
            (level("unigate_requests_in_flight", "job, instance", J), NAME),
            (level("unigate_adapter_in_flight", "job, instance", J), NAME),
        ), "On average between two points.", many=True),
        Graph("Memory", "bytes",
              ((f"sum by (job, instance) (process_resident_memory_bytes{{{J}}} {OURS})", NAME),), many=True),
    ),
    widths=(12,),
)  # fmt: skip

AROUND = Row(
    "Around them",
    (
        Graph("Memory of the edge's own stores", "bytes",
              ((level("unigate_memory_store_bytes", "store", J), "{{store}}"),
               (f"max by (store) (unigate_memory_store_limit_bytes{{{J}}})", "{{store}}: limit")),
              "Without a shared store; of all edges, and the limit of one.", many=True),
        Graph("Failed commands of the shared store", "cps", ((rate("unigate_state_errors_total"), "failed commands"),)),
        Bars("Changes of the configuration", "short",
             f"sum by (result) (increase(unigate_config_reloads_total{SHOWN}))", "{{result}}",
             "Seen by all edges in the time shown.", none="Never changed"),
        Graph("Garbage collections", "cps",
              ((rate("python_gc_collections_total", J, "generation"), "generation {{generation}}"),), log=True),
        Graph("Bodies held by adapters", "bytes", ((level("unigate_adapter_held_bytes", "job, instance", J), NAME),),
              "Of requests, and answers that are read as a whole.", many=True),
        Graph("Open files", "none", ((f"max by (job) (process_open_fds{{{J}}} {OURS})", "{{job}}"),),
              "Of the process that has most, by job."),
    ),
    widths=(6,),
)  # fmt: skip

RUNTIME = Dashboard(
    "runtime", "Runtime", "Processes, the event loop, the store and the configuration.", ("job",), (STATE, LOOP, AROUND)
)
