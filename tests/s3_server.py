"""A real server of the S3 protocol on loopback, with a bucket and one user who may use it."""

from __future__ import annotations

import http.client
import itertools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

import pytest

_numbers = itertools.count()


@dataclass(frozen=True)
class S3Server:
    """Where it answers, and what is to stand in the environment of who may use it."""

    port: int
    environment: dict[str, str]

    def new_lake(self) -> str:
        """The setting `lake_url` of a lake that nobody has used."""
        return f"s3://lake/node{next(_numbers)}?endpoint=http://127.0.0.1:{self.port}"

    def check_signatures(self, after: float = 0) -> None:
        """From so many requests on, refuse who does not sign with the user's secret; servers of one process share this."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/moto-api/reset-auth", str(after).encode())
        assert connection.getresponse().status == 200


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """The server, as long as the block lasts; this process and those it starts have its user's credentials meanwhile."""
    server = pytest.importorskip("moto.server", reason="no S3 server without moto").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        environment = _made_user(f"http://127.0.0.1:{port}", f"node{next(_numbers)}")
        made = S3Server(port, environment)
        with mock.patch.dict(os.environ, environment):
            yield made
        made.check_signatures(after=math.inf)
    finally:
        server.stop()


def _made_user(endpoint: str, name: str) -> dict[str, str]:
    import boto3

    first = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
    boto3.client("s3", **first).create_bucket(Bucket="lake")
    iam = boto3.client("iam", **first)
    iam.create_user(UserName=name)
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
    iam.put_user_policy(UserName=name, PolicyName="lake", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"], "AWS_EC2_METADATA_DISABLED": "true"}
