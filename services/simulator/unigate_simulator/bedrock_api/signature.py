"""Who calls: Signature Version 4 made anew over what came, or a Bedrock API key.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
import re
from typing import Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from unigate_simulator.bedrock_api.errors import error
from unigate_simulator.identity import AWS_KEY_ID, is_valid, secret_of
from unigate_simulator.vendor import bearer
from unigate_simulator.wire import Call, Whole

_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/(\d{8})/([a-z0-9-]+)/bedrock/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)
_NOT_MATCHING: Final = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method."
)


def unauthorised(call: Call) -> Whole | None:
    key = bearer(call)
    if key is not None:
        return (
            error(403, "Authentication failed: Please make sure your API Key is valid.") if key == "invalid" else None
        )
    found = _AUTHORIZATION.fullmatch(call.headers.get("authorization", ""))
    if found is None:
        return error(403, "Missing Authentication Token")
    access_key, date, region, names, signature = found.groups()
    session = call.headers.get("x-amz-security-token", "")
    if access_key != AWS_KEY_ID and not is_valid("aws", session):
        return error(403, "The security token included in the request is expired")
    if not call.headers.get("x-amz-date", "").startswith(date):
        return error(403, "The date of the credential does not match that of the request.")
    if not {"host", "x-amz-date"} <= set(names.split(";")) or (session and "x-amz-security-token" not in names):
        return error(403, _NOT_MATCHING)
    return (
        None
        if hmac.compare_digest(signature, _expected(call, access_key, region, names))
        else error(403, _NOT_MATCHING)
    )


def _expected(call: Call, access_key: str, region: str, names: str) -> str:
    headers = {name: call.headers.get(name, "") for name in names.split(";")}
    request = AWSRequest(
        method=call.method, url=f"http://{call.headers.get('host', '')}{call.target}", data=call.body, headers=headers
    )
    request.context["timestamp"] = call.headers["x-amz-date"]
    auth = SigV4Auth(Credentials(access_key, secret_of(access_key)), "bedrock", region)
    answer: str = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return answer
