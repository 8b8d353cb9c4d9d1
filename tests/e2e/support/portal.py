"""A stand-in for the IAM Identity Center portal, which moto lacks: GetRoleCredentials, ListAccounts, ListAccountRoles.

It hands out keys of a role assumed in moto, so that they work there and say who they are. Errors are answered as
the real service does: by status, with the kind in the header x-amzn-ErrorType.
"""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .aws import ACCOUNT, Aws, Keys
from .leaks import Secrets

ROLE = "AWSReservedSSO_DataEngineer_0123456789abcdef"
PERMISSION_SET = "DataEngineer"
SESSION = "ana@example.com"

Answer = tuple[int, dict[str, object], str | None]


class Portal:
    """The portal, listening on the given address; `issued` lists the keys it has handed out, oldest first."""

    def __init__(self, address: str, aws: Aws, secrets: Secrets) -> None:
        self.lifetime = timedelta(hours=1)
        self.issued: list[Keys] = []
        self._aws = aws
        self._secrets = secrets
        self._tokens: set[str] = set()
        portal = self

        class Requests(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(portal.answer(self.path, self.headers.get("x-amz-sso_bearer_token")))

            def do_POST(self) -> None:
                # OIDC lives at the same address: a refresh is refused, as with a token that was used up.
                self._send((400, {"error": "invalid_grant"}, "InvalidGrantException"))

            def _send(self, answer: Answer) -> None:
                status, document, error = answer
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                if error:
                    self.send_header("x-amzn-ErrorType", error)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Silent: pytest's output is for findings."""

        self._server = ThreadingHTTPServer((address, 0), Requests)
        self.endpoint = f"http://{address}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def accept(self, token: str) -> None:
        """From now on this access token is signed in."""
        self._tokens.add(token)

    def revoke(self, token: str) -> None:
        """From now on this access token is not: as after a sign-out, or when an administrator ended the session."""
        self._tokens.discard(token)

    def stop(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, target: str, token: str | None) -> Answer:
        """The answer to a GET, as status, document and kind of error."""
        if token not in self._tokens:
            return 401, {"message": "Session token not found or invalid"}, "UnauthorizedException"
        address = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == "/federation/credentials":
            return self._role_credentials(asked)
        if address.path == "/assignment/accounts":
            account = {"accountId": ACCOUNT, "accountName": "data-dev", "emailAddress": SESSION}
            return 200, {"accountList": [account]}, None
        if address.path == "/assignment/roles":
            return 200, {"roleList": [{"roleName": PERMISSION_SET, "accountId": asked.get("account_id", "")}]}, None
        return 404, {"message": "no such operation"}, "ResourceNotFoundException"

    def _role_credentials(self, asked: dict[str, str]) -> Answer:
        if asked.get("account_id") != ACCOUNT or asked.get("role_name") != PERMISSION_SET:
            return 403, {"message": "No access"}, "ForbiddenException"
        keys = self._secrets.remember_keys(self._aws.assume(ROLE, SESSION, self.lifetime))
        assert keys.session_token and keys.expiration
        self.issued.append(keys)
        credentials: dict[str, object] = {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "expiration": int(keys.expiration.timestamp() * 1000),
        }
        return 200, {"roleCredentials": credentials}, None
