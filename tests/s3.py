"""moto's S3 on a real socket, with an empty bucket for each test."""

import secrets
from collections.abc import Iterator

import pytest

REGION = "eu-west-1"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of the server; nothing of it is shared with other programs."""
    # It takes a second to import, and most tests need none.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_url(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A STORAGE_URL of a new bucket, whose credentials are in the environment."""
    import boto3

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    bucket = f"bees-{secrets.token_hex(8)}"
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name=REGION)
    client.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client.close()
    return f"s3://{bucket}/site?region={REGION}&endpoint={s3_endpoint}"
