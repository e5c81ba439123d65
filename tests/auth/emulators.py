"""Emulators of Cognito on real sockets: cognito-local, which calls our triggers, and moto."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import urlopen

import boto3
import pytest
from botocore.config import Config

from app.auth.triggers import TriggerFailed, Triggers

COGNITO_LOCAL = Path(__file__).parent / "node_modules/cognito-local/lib/bin/start.js"
START_SECONDS = 60.0
REGION = "eu-west-1"
# The same for everybody: nobody reads the emulator's mail.
CODE = "1234"
TRIGGERS = ("UserMigration", "PostConfirmation", "PreTokenGeneration")
# The shell stops the emulator when its standard input closes: also when the tests are killed.
KEEPER = '"$@" >log 2>&1 & s=$!; cat >/dev/null; kill $s; wait $s'


class Pool(NamedTuple):
    """One user pool of an emulator, and the settings of a site that accepts its tokens."""

    client: Any
    id: str
    client_id: str
    settings: dict[str, str]

    async def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask the emulator as an application of the pool would."""
        method = getattr(self.client, action)
        answer: dict[str, Any] = await asyncio.to_thread(method, **parameters)
        return answer

    async def sign_up(self, email: str, password: str, **attributes: str) -> None:
        listed = [{"Name": name, "Value": value} for name, value in attributes.items()]
        person = {"ClientId": self.client_id, "Username": email}
        listed.append({"Name": "email", "Value": email})
        await self.call("sign_up", **person, Password=password, UserAttributes=listed)
        await self.call("confirm_sign_up", **person, ConfirmationCode=CODE)

    async def sign_in(self, login: str, password: str) -> dict[str, str]:
        """The tokens: `AccessToken`, `IdToken`, `RefreshToken`."""
        answer = await self.call(
            "initiate_auth",
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": login, "PASSWORD": password},
        )
        tokens: dict[str, str] = answer["AuthenticationResult"]
        return tokens


class Functions:
    """Lambda as the emulator knows it: functions are invoked by HTTP, and are ours."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._triggers: Triggers | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def answer_from(self, triggers: Triggers) -> None:
        """From now on events are answered by these, in the loop that is running."""
        self._triggers = triggers
        self._loop = asyncio.get_running_loop()

    def invoke(self, event: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """What the function returns, or what Lambda tells of its exception; and which it is."""
        assert self._triggers is not None
        assert self._loop is not None
        answer = asyncio.run_coroutine_threadsafe(self._triggers.handle(event), self._loop)
        try:
            returned = answer.result()
        except TriggerFailed as error:
            return {"errorMessage": str(error), "errorType": type(error).__name__}, False
        if event["triggerSource"] == "UserMigration_Authentication":
            # Cognito gives everybody a number; the emulator forgets to, for those who migrate.
            returned["response"]["userAttributes"]["sub"] = str(uuid.uuid4())
        return returned, True


@contextmanager
def functions() -> Iterator[Functions]:
    """Serve functions on a free port of this machine, from a thread."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path.startswith("/2015-03-31/functions/")
            event = json.loads(self.rfile.read(int(self.headers["content-length"])))
            answer, is_fine = served.invoke(event)
            body = json.dumps(answer).encode()
            self.send_response(200)
            if not is_fine:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Functions(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def cognito_local(directory: Path, functions: Functions) -> Iterator[Pool]:
    """cognito-local with one pool, whose triggers are `functions`."""
    node = shutil.which("node")
    if node is None or not COGNITO_LOCAL.is_file():
        pytest.fail("cognito-local is not installed: make emulators", pytrace=False)
    address = f"http://127.0.0.1:{_free_port()}"
    port = int(address.rpartition(":")[2])
    lambdas = {"endpoint": functions.address, "region": "local"}
    lambdas |= {"credentials": {"accessKeyId": "local", "secretAccessKey": "local"}}  # type: ignore[dict-item]
    config = {
        "LambdaClient": lambdas,
        "TriggerFunctions": dict(zip(TRIGGERS, TRIGGERS, strict=True)),
        "ServerConfig": {"port": port, "hostname": "127.0.0.1"},
        "TokenConfig": {"IssuerDomain": address},
        "UserPoolDefaults": {"UsernameAttributes": ["email"]},
    }
    (directory / ".cognito").mkdir()
    (directory / ".cognito" / "config.json").write_text(json.dumps(config))
    with _running([node, str(COGNITO_LOCAL)], directory, f"{address}/health", CODE=CODE):
        yield _pool(address, issuer=address)


@contextmanager
def moto(directory: Path) -> Iterator[Pool]:
    """moto's server with one pool. It has no triggers, and issues tokens in Cognito's own name."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    program = [sys.executable, "-c", "from moto.server import main; main()"]
    command = [*program, "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, directory, f"{address}/moto-api/data.json"):
        yield _pool(address, issuer=f"https://cognito-idp.{REGION}.amazonaws.com")


def _pool(address: str, *, issuer: str) -> Pool:
    client = boto3.client(
        "cognito-idp",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"max_attempts": 1}),
    )
    pool = client.create_user_pool(
        PoolName="bees", UsernameAttributes=["email"], AutoVerifiedAttributes=["email"]
    )["UserPool"]
    app = client.create_user_pool_client(
        UserPoolId=pool["Id"],
        ClientName="bee-app",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    settings = {
        "COGNITO_ISSUER": f"{issuer}/{pool['Id']}",
        "COGNITO_JWKS_URL": f"{address}/{pool['Id']}/.well-known/jwks.json",
        "COGNITO_ENDPOINT": f"{address}/",
        "COGNITO_CLIENT_IDS": app["ClientId"],
        "COGNITO_TOKEN_CLAIMS": "true",
    }
    return Pool(client, pool["Id"], app["ClientId"], settings)


@contextmanager
def _running(
    command: Sequence[str], directory: Path, health: str, **environment: str
) -> Iterator[None]:
    """Run a server in a directory until the block ends; the block begins once `health` answers."""
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", KEEPER, "sh", *command],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", **environment},
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(health, directory / "log")
        yield
    finally:
        keeper.communicate()


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{url} does not answer: {log.read_text()[-2000:]}") from None
        time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
