"""IAM in front of moto: every call is judged by the developer's one policy, actions and resources, before moto sees it.

moto's own enforcement (INITIAL_NO_AUTH_ACTION_COUNT) judges actions alone and takes every resource for `*`, so that it
would refuse what a least-privilege policy allows. It does check the policy's grammar, and here it does that too.

Sources: "Actions, resources, and condition keys" of the Service Authorization Reference for Secrets Manager, Systems
Manager and KMS; BatchGetSecretValue's errors of single secrets from the Secrets Manager API reference.
"""

from __future__ import annotations

import fnmatch
import json
import re
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from .aws import ACCOUNT, REGION, USER, Aws

_POLICY = "what-the-test-allows"
_SERVICES = {"secretsmanager": "secretsmanager", "AmazonSSM": "ssm", "TrentService": "kms"}
# What one call needs on which names in its parameters; None is for all resources.
_NAMED = {
    "ssm:GetParameter": "Name",
    "ssm:GetParameters": "Names",
    "ssm:GetParametersByPath": "Path",
    "ssm:PutParameter": "Name",
    "ssm:DeleteParameter": "Name",
    "ssm:DeleteParameters": "Names",
    "secretsmanager:CreateSecret": "Name",
    "secretsmanager:GetSecretValue": "SecretId",
    "secretsmanager:DescribeSecret": "SecretId",
    "secretsmanager:PutSecretValue": "SecretId",
    "secretsmanager:UpdateSecret": "SecretId",
    "secretsmanager:DeleteSecret": "SecretId",
    "secretsmanager:RestoreSecret": "SecretId",
    "secretsmanager:BatchGetSecretValue": None,
    "secretsmanager:ListSecrets": None,
    "ssm:DescribeParameters": None,
}
_DECRYPTS = {"secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"}


class Denied(Exception):
    """The policy does not allow an action on a resource."""

    def __init__(self, action: str, resource: str) -> None:
        super().__init__(
            f"User: arn:aws:iam::{ACCOUNT}:user/{USER} is not authorized to perform: {action} on resource: {resource} "
            f"because no identity-based policy allows the {action} action"
        )
        self.action = action


class Guard:
    """The same moto at another address, where the policy counts."""

    def __init__(self, aws: Aws, address: str) -> None:
        self._iam = aws.client("iam")
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._statements: list[dict[str, Any]] = []
        self.used: set[str] = set()
        self.denied: set[str] = set()
        self._server = make_server(address, 0, self._serve, threaded=True, request_handler=_Quiet)
        self.endpoint = f"http://{address}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends the server, and takes the policy from the user."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._statements:
            self._iam.delete_user_policy(UserName=USER, PolicyName=_POLICY)

    def allow(self, policy: dict[str, Any]) -> None:
        """From now on the user has this policy and no other; IAM's grammar is checked by moto."""
        self._iam.put_user_policy(UserName=USER, PolicyName=_POLICY, PolicyDocument=json.dumps(policy))
        self._statements = policy["Statement"]
        self.used, self.denied = set(), set()

    def _serve(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        prefix, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")
        errors: list[dict[str, str]] = []
        # Whoever has keys may ask STS who they are, whatever the policy.
        if prefix in _SERVICES:
            parameters = json.loads(body or b"{}")
            try:
                self._judge(f"{_SERVICES[prefix]}:{operation}", parameters)
                if operation == "BatchGetSecretValue":
                    errors = self._judge_each(parameters)
                    body = json.dumps(parameters).encode()
            except Denied as denied:
                refusal = {"__type": "AccessDeniedException", "Message": str(denied)}
                answer = Response(json.dumps(refusal), 400, content_type="application/x-amz-json-1.1")
                return answer(environ, start)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        answer = Response.from_app(self._moto, environ)
        if errors:
            document = json.loads(answer.get_data())
            document["Errors"] = document.get("Errors", []) + errors
            answer.set_data(json.dumps(document))
        return answer(environ, start)

    def _judge(self, action: str, parameters: dict[str, Any]) -> None:
        assert action in _NAMED, f"the guard does not know {action}"
        parameter = _NAMED[action]
        if parameter is None:
            self._need(action, "*")
            return
        names = parameters[parameter]
        for name in [names] if isinstance(names, str) else names:
            self._need(action, arn_of(action, name))
            key = key_of(action, name)
            if key and action in _DECRYPTS and parameters.get("WithDecryption", True):
                self._need("kms:Decrypt", key, {"kms:ViaService": f"{action.split(':')[0]}.{REGION}.amazonaws.com"})
        key = parameters.get("KmsKeyId") or parameters.get("KeyId")
        if key and not key.startswith("alias/aws/"):
            via = {"kms:ViaService": f"{action.split(':')[0]}.{REGION}.amazonaws.com"}
            # A parameter of the standard tier is encrypted by KMS itself, everything else by a data key.
            standard = action == "ssm:PutParameter" and parameters.get("Tier", "Standard") == "Standard"
            for needed in ("kms:Encrypt",) if standard else ("kms:GenerateDataKey", "kms:Decrypt"):
                self._need(needed, key if key.startswith("arn:") else key_arn(key), via)

    def _judge_each(self, parameters: dict[str, Any]) -> list[dict[str, str]]:
        errors = []
        assert len(parameters.get("SecretIdList", [])) <= 20, "AWS takes no more than twenty at once"
        for name in list(parameters.get("SecretIdList", [])):
            try:
                self._judge("secretsmanager:GetSecretValue", {"SecretId": name})
            except Denied as denied:
                parameters["SecretIdList"].remove(name)
                errors.append({"SecretId": name, "ErrorCode": "AccessDeniedException", "Message": str(denied)})
        return errors

    def _need(self, action: str, resource: str, context: dict[str, str] | None = None) -> None:
        if any(_allows(statement, action, resource, context or {}) for statement in self._statements):
            self.used.add(action)
        else:
            self.denied.add(action)
            raise Denied(action, resource)


def arn_of(action: str, name: str) -> str:
    """The ARN that a name stands for; a secret that is there has six random signs at the end of it."""
    if action.startswith("ssm:"):
        return f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.removeprefix('/')}"
    if name.startswith("arn:"):
        return name
    secrets = secretsmanager_backends[ACCOUNT][REGION].secrets
    return str(secrets[name].arn) if name in secrets else f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"


def key_of(action: str, name: str) -> str | None:
    """The ARN of the customer managed key that something is encrypted with, if there is one."""
    if action.startswith("ssm:"):
        versions = ssm_backends[ACCOUNT][REGION]._parameters.get(name)
        key = versions[-1].keyid if versions else None
    else:
        secrets = secretsmanager_backends[ACCOUNT][REGION].secrets
        key = secrets[name].kms_key_id if name in secrets else None
    if not key or key.startswith("alias/aws/"):
        return None
    return str(key) if key.startswith("arn:") else key_arn(key)


def key_arn(key: str) -> str:
    """The ARN of a key by its id."""
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}"


def _allows(statement: dict[str, Any], action: str, resource: str, context: dict[str, str]) -> bool:
    assert statement["Effect"] == "Allow"
    assert set(statement) <= {"Sid", "Effect", "Action", "Resource", "Condition"}, statement
    return (
        any(_matches(pattern.lower(), action.lower()) for pattern in _list(statement["Action"]))
        and any(_covers(pattern, resource) for pattern in _list(statement["Resource"]))
        and all(
            operator in ("StringEquals", "StringLike")
            and all(
                any(_matches(value, context.get(key, "")) for value in _list(values)) for key, values in keys.items()
            )
            for operator, keys in statement.get("Condition", {}).items()
        )
    )


def _covers(pattern: str, resource: str) -> bool:
    # An action that knows no resources is allowed by `*` alone.
    return pattern == "*" if resource == "*" else _matches(pattern, resource)


def _matches(pattern: str, text: str) -> bool:
    # IAM knows `*` and `?`, and no sets in brackets.
    return re.fullmatch(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def _list(one_or_many: Any) -> list[str]:
    return [one_or_many] if isinstance(one_or_many, str) else list(one_or_many)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Nothing: what was called shows in the test."""
