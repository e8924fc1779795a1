"""One completion by every provider that names a testModel: what `helm test` runs, with the standard library alone."""

import json
import os
import sys
import time
import urllib.error
import urllib.request

GATEWAY = os.environ["GATEWAY"]
KEY = os.environ.get("API_KEY", "")
MODELS = [model for model in os.environ["MODELS"].split(",") if model]
# pods may be starting when the test does
DEADLINE = time.monotonic() + float(os.environ.get("PATIENCE_SECONDS", "120"))


def call(path: str, body: dict[str, object] | None = None) -> dict[str, object]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
    data = json.dumps(body).encode() if body else None
    # no proxy: the gateway is in this cluster
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(urllib.request.Request(GATEWAY + path, data, headers), timeout=60) as response:
                answer: dict[str, object] = json.load(response)
                return answer
        except OSError as error:
            if getattr(error, "code", 503) != 503 or time.monotonic() > DEADLINE:
                raise
            print(f"not yet: {error}")
            time.sleep(1)


def complete(model: str) -> bool:
    messages = [{"role": "user", "content": "Answer with one word."}]
    try:
        answer = call("/v1/chat/completions", {"model": model, "messages": messages})
    except urllib.error.HTTPError as error:
        print(f"{model}: {error.code} {error.read().decode(errors='replace')}")
        return False
    except OSError as error:
        print(f"{model}: {GATEWAY} is not reached: {error}")
        return False
    print(f"{model}: {json.dumps(answer['choices'])}")
    return bool(answer["choices"])


def main() -> int:
    if not KEY:
        print("the Secret of auth.existingSecret has no api-key, so no completion can be asked for")
        return 1
    if not MODELS:
        print("no provider has both a key and a testModel; the models:", json.dumps(call("/v1/models")))
        return 0
    # every model is asked, also after a failure
    completed = [complete(model) for model in MODELS]
    return 0 if all(completed) else 1


sys.exit(main())
