"""Other gateways, installed in environments of their own outside the tree, before the same vendor in the same run."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from bench.running import Gateway, answers, running
from tools.plan import Ports

HOME = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "unigate-bench"
LITELLM = "litellm[proxy]==1.106.0"
PORTKEY = "@portkey-ai/gateway@1.15.2"
FERRO = "ferrogw==1.5.10"
SGLANG = "sglang-router==0.3.2"
# with Node 20 this release fails on every stream, because it writes to the headers that fetch has sealed
MUTABLE = quote(
    "const send = fetch; globalThis.fetch = async (...a) => { const r = await send(...a);"
    " return r.headers.get('content-type')?.startsWith('text/event-stream')"
    " ? new Response(r.body, {status: r.status, headers: [...r.headers]}) : r }"
)
LITELLM_CONFIG = """
model_list:
  - model_name: "*"
    litellm_params: {{model: "openai/*", api_base: "{vendor}/v1", api_key: bench}}
"""


@asynccontextmanager
async def litellm(ports: Ports, vendor: str) -> AsyncIterator[Gateway]:
    """Run LiteLLM's proxy with one worker."""
    folder = python_package("litellm", LITELLM)
    port = ports.near(18100)
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "litellm.yaml"
        config.write_text(LITELLM_CONFIG.format(vendor=vendor))
        command = [str(folder / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
        environment = {
            "LITELLM_LOG": "ERROR",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MASTER_KEY": f"sk-{secrets.token_hex(32)}",
        }
        headers = {"authorization": f"Bearer {environment['LITELLM_MASTER_KEY']}"}
        ready = answers(f"http://127.0.0.1:{port}/health/liveliness")
        async with running("litellm", command, environment, ready) as process:
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            yield Gateway("LiteLLM", url, headers=headers, processes=[process])


@asynccontextmanager
async def portkey(ports: Ports, vendor: str) -> AsyncIterator[Gateway]:
    """Run Portkey's gateway, which learns of the vendor by headers."""
    folder = HOME / "portkey"
    package = folder / "node_modules" / "@portkey-ai" / "gateway"
    if not package.exists():
        folder.mkdir(parents=True, exist_ok=True)
        install(["npm", "install", "--silent", "--prefix", str(folder), PORTKEY])
    port = ports.near(18110)
    start = str(package / "build" / "start-server.js")
    command = ["node", f"--import=data:text/javascript,{MUTABLE}", start, f"--port={port}", "--headless"]
    headers = {
        "authorization": "Bearer bench",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": f"{vendor}/v1",
    }
    ready = answers(f"http://127.0.0.1:{port}/")
    # names that stand for this machine are refused as custom hosts unless they are trusted
    async with running("portkey", command, {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}, ready) as process:
        yield Gateway("Portkey", f"http://127.0.0.1:{port}/v1/chat/completions", headers=headers, processes=[process])


@asynccontextmanager
async def ferro(ports: Ports, vendor: str) -> AsyncIterator[Gateway]:
    """Run Ferro Labs' gateway, one program in Go, which serves the models of its own list."""
    folder = python_package("ferro", FERRO)
    port, key = ports.near(18120), f"fgw_{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "ferro.yaml"
        config.write_text("strategy: {mode: fallback}\ntargets: [{virtual_key: openai}]\n")
        environment = {
            "GATEWAY_CONFIG": str(config),
            "MASTER_KEY": key,
            "OPENAI_API_KEY": "bench",
            "OPENAI_BASE_URL": f"{vendor}/v1",
            "PORT": str(port),
            "RATE_LIMIT_RPS": "1000000",
            "RATE_LIMIT_BURST": "1000000",
        }
        command = [str(folder / "bin" / "ferrogw"), "serve"]
        async with running("ferro", command, environment, answers(f"http://127.0.0.1:{port}/readyz")) as process:
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            headers = {"authorization": f"Bearer {key}"}
            yield Gateway("Ferro", url, headers=headers, model="gpt-4o", processes=[process])


@asynccontextmanager
async def sglang(ports: Ports, vendor: str) -> AsyncIterator[Gateway]:
    """Run SGLang's router, one program in Rust, which passes requests on to one vendor in OpenAI's format."""
    folder = python_package("sglang", SGLANG)
    port = ports.near(18130)
    command = [str(folder / "bin" / "python"), "-m", "sglang_router.launch_router", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--worker-urls", vendor, "--backend", "openai", "--history-backend", "none"]
    command += ["--disable-health-check", "--prometheus-port", str(ports.near(18131)), "--log-level", "warn"]
    async with running("sglang", command, {}, answers(f"http://127.0.0.1:{port}/readiness")) as process:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        yield Gateway("SGLang router", url, headers={"authorization": "Bearer bench"}, processes=[process])


def python_package(name: str, package: str) -> Path:
    """Return an environment of its own that has a package."""
    folder = HOME / name
    if not (folder / package).exists():
        install([sys.executable, "-m", "venv", "--clear", str(folder)])
        install([str(folder / "bin" / "pip"), "install", "--quiet", package])
        (folder / package).touch()
    return folder


def install(command: list[str]) -> None:
    """Run an installer; nothing else runs meanwhile, so blocking harms nobody."""
    subprocess.run(command, check=True)


PEERS = (litellm, *((portkey,) if shutil.which("npm") else ()), ferro, sglang)
