"""Where files are kept: Django's STORAGES."""

from typing import Any


def storages(*, bucket: str) -> dict[str, Any]:
    """Recordings are in a private folder, or in a bucket if there is one.

    Where its S3 is, and with what key, boto3 finds in AWS_* variables or the machine's role.
    """
    recordings: dict[str, Any] = {"BACKEND": "calls.recording.storages.PrivateFolder"}
    if bucket:
        recordings = {
            "BACKEND": "calls.recording.bucket.PrivateBucket",
            "OPTIONS": {
                "bucket_name": bucket,
                "file_overwrite": True,
                "default_acl": None,  # What the bucket says; it should be private as a whole.
            },
        }
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "recordings": recordings,
    }
