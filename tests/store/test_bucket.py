from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from interurban.errors import NodeError
from interurban.store.bucket import Bucket
from s3_server import S3Server, s3_server


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(server: S3Server) -> Bucket:
    return Bucket(server.new_lake())


@pytest.mark.parametrize("url", [
    "", "bucket/prefix", "https://host/bucket", "s3://", "s3:///prefix", "s3://key:secret@bucket/prefix", "s3://bucket/p#part",
    "s3://bucket?secret_key=x", "s3://bucket?endpoint=host:9000", "s3://bucket?endpoint=http://key:secret@host",
])
def test_a_wrong_url_is_refused_and_never_shown(url: str):
    with pytest.raises(NodeError) as caught:
        Bucket(url)
    assert caught.value.fields["setting"] == "lake_url" and "secret" not in str(caught.value)


def test_files_come_back_as_they_were_put(bucket: Bucket, tmp_path: Path):
    contents = {"days/1/a b+c.parquet": b"one", "days/1/x/y.parquet": os.urandom(12 << 20), "gtfs/2/empty": b""}
    for path, data in contents.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    bucket.put(tmp_path, contents)
    assert bucket.list("days/1") == {path: len(data) for path, data in contents.items() if path.startswith("days/1")}
    assert bucket.list("days") == bucket.list("days/1") and bucket.list("days/2") == {}
    again = pickle.loads(pickle.dumps(bucket))  # as a worker of a cluster has it
    for path, data in contents.items():
        target = tmp_path / "back"
        assert again.fetch(path, target) and target.read_bytes() == data
    bucket.remove([*contents, "never there"])
    assert bucket.list("days") == {}
    assert not bucket.fetch("gtfs/2/empty", tmp_path / "back") and bucket.sha256_of("gtfs/2/empty") is None


def test_no_bucket_of_that_name(server: S3Server, tmp_path: Path):
    (tmp_path / "a").write_bytes(b"a")
    absent = Bucket(server.new_lake().replace("s3://lake", "s3://nolake"))
    with pytest.raises(NodeError, match="NO_SUCH_BUCKET"):
        absent.put(tmp_path, ["a"])


def test_nobody_there(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"a")
    with pytest.raises(NodeError, match=r"s3://lake/x cannot be used.*connect"):
        Bucket("s3://lake/x?endpoint=http://127.0.0.1:1").put(tmp_path, ["a"])
