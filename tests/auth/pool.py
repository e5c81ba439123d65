"""A user pool of the tests' own: keys, tokens of every kind, and both of its addresses on a socket.

It stands in for Cognito, which cannot be made to rotate keys, to forge, or to fail on request.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT = "bee-app"
NOW = time.time


@cache
def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key of this name, made once for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


class Pool:
    """One user pool. What it publishes, knows and does can be changed at any time.

    `fetches` counts how often its keys were asked for, `asked` how often its attributes were.
    """

    def __init__(self, address: str, name: str) -> None:
        self.issuer = f"{address}/{name}"
        self.published: dict[str, rsa.RSAPrivateKey] = {"one": private_key("one")}
        self.attributes: dict[str, dict[str, str]] = {}
        self.revoked: set[str] = set()
        self.status = 200
        self.seconds = 0.0
        self.body: bytes | None = None
        self.fetches = 0
        self.asked = 0

    @property
    def settings(self) -> dict[str, str]:
        return {
            "COGNITO_ISSUER": self.issuer,
            "COGNITO_ENDPOINT": f"{self.issuer}/",
            "COGNITO_CLIENT_IDS": f"{CLIENT},other-app",
        }

    def token(self, subject: str = "sub-1", *, kid: str = "one", **claims: Any) -> str:
        """An access token. A claim that is given as None is left out."""
        return signed({"alg": "RS256", "kid": kid}, self.claims(subject, **claims), kid)

    def id_token(self, subject: str = "sub-1", **claims: Any) -> str:
        """An ID token, which names an e-mail address, a verified one by default."""
        default = {"token_use": "id", "aud": CLIENT, "client_id": None, "email_verified": True}
        return self.token(subject, **default | {"email": f"{subject}@example.org"} | claims)

    def claims(self, subject: str = "sub-1", **claims: Any) -> dict[str, Any]:
        now = int(NOW())
        all_claims = {
            "iss": self.issuer,
            "sub": subject,
            "token_use": "access",
            "client_id": CLIENT,
            "scope": "aws.cognito.signin.user.admin",
            "iat": now,
            "exp": now + 3600,
            "jti": f"{subject}-{time.monotonic_ns()}",
        } | claims
        return {name: value for name, value in all_claims.items() if value is not None}

    def _get(self) -> tuple[int, bytes]:
        self.fetches += 1
        time.sleep(self.seconds)
        keys = [jwk(kid, key) for kid, key in self.published.items()]
        body = json.dumps({"keys": keys}).encode() if self.body is None else self.body
        return self.status, body

    def _post(self, body: bytes) -> tuple[int, bytes]:
        self.asked += 1
        payload = json.loads(body)["AccessToken"].split(".")[1]
        subject = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
        if self.status != 200:
            return self.status, b'{"__type": "TooManyRequestsException"}'
        if subject in self.revoked:
            return 400, b'{"__type": "NotAuthorizedException"}'
        known = {"sub": subject} | self.attributes.get(subject, {})
        listed = [{"Name": name, "Value": value} for name, value in known.items()]
        return 200, json.dumps({"Username": subject, "UserAttributes": listed}).encode()


class Pools:
    """Pools that share a socket; each test has one of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.by_name: dict[str, Pool] = {}

    def make(self) -> Pool:
        name = f"pool{len(self.by_name)}"
        self.by_name[name] = Pool(self.address, name)
        return self.by_name[name]


@contextmanager
def serving() -> Iterator[Pools]:
    """Serve pools on a free port of this machine, from a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.endswith("/.well-known/jwks.json")
            self._answer(*self._pool()._get())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["x-amz-target"].endswith(".GetUser")
            self._answer(*self._pool()._post(body))

        def _pool(self) -> Pool:
            return pools.by_name[self.path.split("/")[1]]

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pools = Pools(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield pools
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def jwk(kid: str, key: rsa.RSAPrivateKey, **members: Any) -> dict[str, Any]:
    """The public half of a key, as a JWKS document has it."""
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid}
    return public | {"n": _number(numbers.n), "e": _number(numbers.e)} | members


def signed(header: dict[str, Any] | str, payload: dict[str, Any] | str, key: str) -> str:
    """A token with any header and payload, also such that are no good JSON."""
    head = f"{_part(header)}.{_part(payload)}"
    signature = private_key(key).sign(head.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{head}.{encoded(signature)}"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _part(content: dict[str, Any] | str) -> str:
    return encoded((content if isinstance(content, str) else json.dumps(content)).encode())


def _number(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))
