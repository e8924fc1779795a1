"""`make up`: run the edge, every adapter and, for providers without a key, the simulator as processes of this machine.

PORT moves the edge, CONFIG names an edge configuration to start from, DETACH returns as soon as all is ready.
"""

import json
import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

import yaml

from tools.discovery import adapters
from tools.plan import SIMULATOR, Plan, Service, Unusable, is_free, make_plan, settings_lines
from tools.processes import LEDGER, RUN, Process, spawn, started_at, stop

TIMEOUT_SECONDS = 60.0


class Ended(Exception):
    """A process ended that should run."""

    def __init__(self, process: Process) -> None:
        super().__init__(f"{process.name} ended; the last of its log ({process.log}):\n{process.tail()}")


class Interrupted(Exception):
    """The user, or the system, wants an end."""


def main() -> int:
    """Start everything, wait until it serves, then show the logs or return."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    if running := LEDGER.running():
        names = ", ".join(process.name for process in running)
        print(f"unigate runs here already ({names}): `make down` stops it", file=sys.stderr)
        return 1
    started: list[Process] = []
    stays = False
    try:
        plan = make_plan(os.environ, adapters(), RUN)
        start(plan, started)
        print(greeting(plan), flush=True)
        stays = bool(os.environ.get("DETACH"))
        if not stays:
            # `make down` in another terminal then ends this command, and this command the rest
            LEDGER.write([*started, Process("make up", os.getpid(), started_at(os.getpid()) or "", os.devnull)])
            follow(started)
    except Interrupted:
        print("\nstopping", flush=True)
    except (Unusable, Ended) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if not stays:
            stop(started)
            LEDGER.write([])
    print(f"\nlogs are in {RUN}; `make down` stops it" if stays else "stopped")
    return 0


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Turn a signal into an orderly end; a second one changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted


def start(plan: Plan, started: list[Process]) -> None:
    """Start all processes of a plan, adding them to `started`, and return when the edge can serve. Raises Ended."""
    RUN.mkdir(exist_ok=True)
    (RUN / "unigate.yaml").write_text(yaml.safe_dump(plan.config, sort_keys=False))
    for service in plan.backends:
        launch(service, started)
    # an edge that meets adapters which do not listen yet would wait a second before it tries again
    await_all(started, lambda: all(not is_free(service.port) for service in plan.backends))
    launch(plan.edge, started)
    await_all(started, lambda: serves(plan))


def launch(service: Service, started: list[Process]) -> None:
    """Start one process and write it down at once."""
    defaults = {"UNIGATE_LOG_FORMAT": "console", "UNIGATE_DRAIN_SECONDS": "10"}
    started.append(spawn(service.name, service.command, defaults | os.environ | service.settings, RUN))
    LEDGER.write(started)


def await_all(started: list[Process], ready: Callable[[], bool]) -> None:
    """Wait until `ready`. Raises Ended when a process does not live to see it, Unusable when it takes too long."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not ready():
        for process in started:
            if not process.alive():
                raise Ended(process)
        if time.monotonic() > deadline:
            logs = "\n".join(f"--- {process.name}\n{process.tail(5)}" for process in started)
            raise Unusable(f"not ready after {TIMEOUT_SECONDS:.0f} s; the last of the logs:\n{logs}")
        time.sleep(0.05)


def serves(plan: Plan) -> bool:
    """Tell whether the edge is ready and has reached every adapter that was started."""
    # a proxy that the user has set up for the world is none for loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with suppress(OSError), opener.open(f"http://127.0.0.1:{plan.edge.port}/readyz", timeout=2) as response:
        states = json.load(response)["providers"]
        return all(states[each.name] == "ready" for each in plan.backends if each.name != SIMULATOR)
    return False


def greeting(plan: Plan) -> str:
    """Return what a user needs to know, with lines that can be pasted."""
    base = f"http://127.0.0.1:{plan.edge.port}"
    url = f"{base}/v1"
    models = ", ".join(f'"{name}"' for name in plan.examples)
    key = "YOUR_KEY" if plan.config.get("keys") else "none-needed"
    header = f' -H "authorization: Bearer {key}"' if plan.config.get("keys") else ""
    body = f'{{"model": "{plan.examples[0]}", "messages": [{{"role": "user", "content": "Hello!"}}]}}'
    return f"""
unigate is ready at {url}; who answers:
{chr(10).join(settings_lines(plan))}

curl {url}/chat/completions -H "content-type: application/json"{header} -d '{body}'

# python, with `pip install openai`
from openai import OpenAI

client = OpenAI(base_url="{url}", api_key="{key}")
for model in ({models}):
    answer = client.chat.completions.create(model=model, messages=[{{"role": "user", "content": "Hello!"}}])
    print(model, answer.choices[0].message.content)

# python, with `pip install anthropic google-genai`: their own APIs, any provider's models
import anthropic
from google import genai

claude = anthropic.Anthropic(base_url="{base}/anthropic", api_key="{key}")
gemini = genai.Client(api_key="{key}", http_options={{"base_url": "{base}/gemini"}})
for model in ({models}):
    message = claude.messages.create(model=model, max_tokens=100, messages=[{{"role": "user", "content": "Hello!"}}])
    print(model, message.content[-1].text, gemini.models.generate_content(model=model, contents="Hello!").text)

# Claude Code: ANTHROPIC_BASE_URL={base}/anthropic ANTHROPIC_API_KEY={key} claude --model {plan.examples[0]}
# Codex: codex -c model_provider=unigate -c model_providers.unigate.name=unigate \
-c model_providers.unigate.base_url={url} -c model_providers.unigate.wire_api=responses -m {plan.examples[0]}"""


def follow(processes: list[Process]) -> None:
    """Print what the processes log, each line with its process's name. Raises Ended or Interrupted, never returns."""
    width = max(len(process.name) for process in processes)
    with ExitStack() as stack:
        logs = [(process, stack.enter_context(Path(process.log).open(errors="replace"))) for process in processes]
        print(flush=True)
        while True:
            for process, log in logs:
                for line in log:
                    print(f"{process.name:{width}} | {line}", end="" if line.endswith("\n") else "\n", flush=True)
                if not process.alive():
                    raise Ended(process)
            time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
