"""The clouds' identity services: STS and the container credentials of AWS, Entra ID, Google's tokens and metadata.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
https://cloud.google.com/compute/docs/access/authenticate-workloads
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl

from unigate_simulator.identity import LIFE_SECONDS, issue, secret_of
from unigate_simulator.vendor import Vendor
from unigate_simulator.wire import Call, Handler, Object, Reply, Whole, sse, token, whole

_STS_ANSWER: Final = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{AccessKeyId}</AccessKeyId>
<SecretAccessKey>{SecretAccessKey}</SecretAccessKey><SessionToken>{Token}</SessionToken>
<Expiration>{Expiration}</Expiration></Credentials><AssumedRoleUser><Arn>{Arn}</Arn>
<AssumedRoleId>AROASIM:simulated</AssumedRoleId></AssumedRoleUser></AssumeRoleWithWebIdentityResult>
<ResponseMetadata><RequestId>sim</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>"""
_METADATA: Final = {"metadata-flavor": "Google"}


def _aws_credentials() -> dict[str, str]:
    session, end = issue("aws")
    access_key = token("ASIASIM", 12).upper()
    return {
        "AccessKeyId": access_key,
        "SecretAccessKey": secret_of(access_key),
        "Token": session,
        "Expiration": datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _sts(call: Call) -> Reply:
    form = dict(parse_qsl(call.body.decode())) or dict(call.query)
    if form.get("Action") != "AssumeRoleWithWebIdentity" or not form.get("WebIdentityToken"):
        return _error(400, "AssumeRoleWithWebIdentity needs a WebIdentityToken.")
    body = _STS_ANSWER.format(**_aws_credentials(), Arn=form.get("RoleArn", "").replace("<", "").replace("&", ""))
    return Whole(body.encode(), content_type="text/xml")


def _container(call: Call) -> Reply:
    """https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html"""
    del call
    return whole(_aws_credentials())


def _entra(call: Call) -> Reply:
    """A token for a secret, a certificate or a federated one, in the form of the v2.0 endpoint."""
    form = dict(parse_qsl(call.body.decode()))
    if not (form.get("client_assertion") or form.get("client_secret")) or not form.get("scope"):
        return whole({"error": "invalid_request", "error_description": "AADSTS900144: a parameter is missing."}, 400)
    issued, _ = issue("entra")
    return whole({"token_type": "Bearer", "expires_in": LIFE_SECONDS, "access_token": issued})


def _managed(call: Call) -> Reply:
    """https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity#rest-endpoint-reference"""
    if not call.headers.get("x-identity-header"):
        return whole({"statusCode": 401, "message": "X-IDENTITY-HEADER is missing."}, 401)
    issued, end = issue("entra")
    answer = {"access_token": issued, "expires_on": f"{end:.0f}", "resource": call.query.get("resource", "")}
    return whole({**answer, "token_type": "Bearer"})


def _google(call: Call) -> Reply:
    """https://developers.google.com/identity/protocols/oauth2/service-account#httprest"""
    form = dict(parse_qsl(call.body.decode()))
    if not (form.get("assertion") or form.get("subject_token")):
        return whole({"error": "invalid_grant", "error_description": "An assertion is missing."}, 400)
    return whole(_google_token() | {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})


def _google_token() -> Object:
    issued, _ = issue("google")
    return {"access_token": issued, "expires_in": LIFE_SECONDS, "token_type": "Bearer"}


def metadata(path: str, headers: Mapping[str, str]) -> Whole | None:
    """Google's metadata server, asked with its header; None for what it does not know."""
    if headers.get("metadata-flavor") != "Google":
        return None
    accounts = "v1/instance/service-accounts/"
    match path:
        case "":
            return Whole(b"computeMetadata/\n", content_type="application/text", headers=_METADATA)
        case "v1/project/project-id":
            return Whole(b"simulated", content_type="application/text", headers=_METADATA)
        case "v1/universe/universe-domain" | "v1/universe/universe_domain":
            return Whole(b"googleapis.com", content_type="application/text", headers=_METADATA)
        case _ if path.startswith(accounts) and path.endswith("/token"):
            return Whole(whole(_google_token()).body, headers=_METADATA)
        case _ if path.startswith(accounts):
            account = {"email": "gateway@simulated.iam.gserviceaccount.com", "scopes": [], "aliases": ["default"]}
            return Whole(whole(account).body, headers=_METADATA)
    return None


def _error(status: int, message: str | None) -> Whole:
    return whole({"error": {"code": str(status), "message": message or "The simulator was asked to fail."}}, status)


def _vendor(name: str, routes: Callable[[Call], Handler | None]) -> Vendor:
    return Vendor(
        name=name,
        routes=routes,
        unauthorised=lambda call: None,
        error=_error,
        overflow=lambda call: _error(400, None),
        error_event=lambda call: sse(b"{}"),
        unknown_event=lambda call: sse(b"{}"),
        model=lambda call: "",
        headers=dict,
    )


def _entra_route(call: Call) -> Handler | None:
    if call.path == "msi/token":
        return _managed
    return _entra if call.path.endswith("oauth2/v2.0/token") else None


STS: Final = _vendor("sts", lambda call: _container if call.path == "credentials" else _sts)
ENTRA: Final = _vendor("entra", _entra_route)
GOOGLE: Final = _vendor("google", lambda call: _google if call.path == "token" else None)
