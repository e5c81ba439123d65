"""Passwords of AWS for its databases: signed requests that are good for a quarter of an hour.

A dozen lines of Signature Version 4 instead of boto3, which no query should have to wait for.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Engine, event

SECONDS_VALID = 900
MYSQL_PORT = 3306
ALGORITHM = "AWS4-HMAC-SHA256"
NOTHING = hashlib.sha256(b"").hexdigest()


def sign_in_with_tokens(engine: Engine, *, region: str) -> None:
    """Give each new connection of `engine` a token of its own. Connections are kept beyond its end.

    The credentials are those of the environment, as Lambda gives them to a function's role.
    """

    @event.listens_for(engine, "do_connect")
    def _add_token(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
        options["password"] = token(
            host=options["host"],
            port=options.get("port") or MYSQL_PORT,
            user=options["user"],
            region=region,
            credentials=os.environ,
            now=datetime.now(UTC),
        )


def token(
    *,
    host: str,
    port: int,
    user: str,
    region: str,
    credentials: Mapping[str, str],
    now: datetime,
) -> str:
    """The password of `user` at a server of RDS, or at a proxy before it.

    :param credentials: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and perhaps `AWS_SESSION_TOKEN`
    :raises KeyError: if there are none
    """
    time = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/rds-db/aws4_request"
    query = {
        "Action": "connect",
        "DBUser": user,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials['AWS_ACCESS_KEY_ID']}/{scope}",
        "X-Amz-Date": time,
        "X-Amz-Expires": str(SECONDS_VALID),
        "X-Amz-SignedHeaders": "host",
    }
    if session := credentials.get("AWS_SESSION_TOKEN"):
        query["X-Amz-Security-Token"] = session
    # Signed in the order of the alphabet.
    text = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
    request = "\n".join(["GET", "/", text, f"host:{host}:{port}", "", "host", NOTHING])
    to_sign = "\n".join([ALGORITHM, time, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{credentials['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, to_sign.encode(), "sha256").hexdigest()
    return f"{host}:{port}/?{text}&X-Amz-Signature={signature}"
