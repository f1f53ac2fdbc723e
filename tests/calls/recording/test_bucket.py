"""Finished recordings in S3, over its real wire."""

from collections.abc import Iterator
from pathlib import Path

import boto3  # type: ignore[import-untyped]
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from calls.recording import shelf
from calls.recording.finish import finish_recording
from tests.calls.recording.test_writing import SID, decoded, make, states
from voiceagent.storages import storages as storages_setting

pytestmark = pytest.mark.django_db
BUCKET = "recordings-of-the-tests"


@pytest.fixture(scope="module")
def s3() -> Iterator[None]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (
            ("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "a-key"),
            ("AWS_SECRET_ACCESS_KEY", "a-secret"),
        ):
            environment.setenv(name, value)
        boto3.client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield
    server.stop()


@pytest.fixture
def bucket(s3: None, settings: Settings, recording_dir: Path) -> None:
    settings.STORAGES = storages_setting(bucket=BUCKET)


def test_a_recording_goes_to_the_bucket_and_can_be_heard_in_parts(
    bucket: None, recording_dir: Path, told: list[tuple[str, str, str]]
) -> None:
    make(seconds=3)
    finish_recording(SID)
    assert states(told) == ["compressing", "ready"]
    name = told[-1][2]
    assert [path for path in recording_dir.rglob("*") if path.is_file()] == []
    size = shelf.size_bytes(name)
    whole = shelf.read(name, 0, size - 1)
    assert len(whole) == size and abs(decoded(whole).shape[1] / 16_000 - 3.0) < 0.15
    assert shelf.read(name, 100, 199) == whole[100:200]
    stored = boto3.client("s3").head_object(Bucket=BUCKET, Key=name)
    assert stored["ContentType"] == "audio/mpeg"
    # Put twice, it is there once.
    make(seconds=1)
    finish_recording(SID)
    assert told[-1][2] == name and shelf.size_bytes(name) < size
    shelf.delete(name)
    shelf.delete(name)
    with pytest.raises(FileNotFoundError):
        shelf.size_bytes(name)
    with pytest.raises(FileNotFoundError):
        shelf.read(name, 0, 1)


def test_no_url_leads_to_the_bucket(bucket: None) -> None:
    with pytest.raises(ValueError, match="no URL"):
        storages["recordings"].url("a/b.mp3")
