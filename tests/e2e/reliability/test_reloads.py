"""A hundred changes of the configuration while requests are served, twenty of them no good."""

from __future__ import annotations

import threading
from collections import Counter
from copy import deepcopy
from typing import Any

BROKEN = (
    "providers: [",
    "providers: {}",
    "nonsense: true",
    "providers: {a: {target: 'x:1'}}\ntimeouts: {total: never}",
)


def changed(config: dict[str, Any], number: int) -> dict[str, Any]:
    """A configuration in which a provider and an alias come and go, and another moves."""
    new = deepcopy(config)
    new["aliases"]["moving"] = "openai/gpt-4o" if number % 2 else ["deepseek/deepseek-chat", "openai/gpt-4o"]
    new["models_ttl"] = 100 + number
    if number % 3 == 0:
        new["providers"]["extra"] = dict(new["providers"]["deepseek"])
    return new


def test_no_request_fails(gate: Any) -> None:
    stop = threading.Event()
    statuses: Counter[int] = Counter()

    def load(model: str, *, stream: bool) -> None:
        while not stop.is_set():
            response = gate.chat(model, stream=stream)
            whole = not stream or response.text.rstrip().endswith("[DONE]")
            statuses[response.status_code if whole else 0] += 1

    gate.configure(changed(gate.config, 0))
    applied, refused = (gate.count("unigate_config_reloads_total", result=each) for each in ("applied", "refused"))
    threads = [
        threading.Thread(target=load, args=(model,), kwargs={"stream": stream})
        for model in ("moving", "deepseek/deepseek-chat")
        for stream in (False, True)
    ]
    for thread in threads:
        thread.start()
    try:
        for number in range(100):
            gate.configure(BROKEN[number // 5 % len(BROKEN)] if number % 5 == 4 else changed(gate.config, number))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        gate.configure(gate.config)
    assert set(statuses) == {200}
    assert statuses[200] > 100
    assert gate.count("unigate_config_reloads_total", result="refused") - refused == 20
    assert gate.count("unigate_config_reloads_total", result="applied") - applied == 80 + 1
