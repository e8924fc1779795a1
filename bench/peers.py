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
    folder = HOME / "litellm"
    if not (folder / "bin" / "litellm").exists():
        install([sys.executable, "-m", "venv", str(folder)])
        install([str(folder / "bin" / "pip"), "install", "--quiet", LITELLM])
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


def install(command: list[str]) -> None:
    """Run an installer; nothing else runs meanwhile, so blocking harms nobody."""
    subprocess.run(command, check=True)


PEERS = (litellm, *((portkey,) if shutil.which("npm") else ()))
