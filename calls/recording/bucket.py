"""Finished recordings in an S3 bucket, which only this server has to reach.

They pass through the server, and not by signed URLs: such a URL plays for whoever gets hold of it,
and what was listened to would no longer be in the audit log. An hour is 22 MB.
"""

from typing import Any

from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import ClientError  # type: ignore[import-untyped]
from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

# boto3 would let a player, and a request's thread, wait for five minutes.
TIMEOUTS = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3})


class PrivateBucket(S3Storage):  # type: ignore[misc]  # The library has no types.
    """Reads ranges: the library's file would fetch all of it for every one of them."""

    def get_default_settings(self) -> dict[str, Any]:
        return {**super().get_default_settings(), "client_config": TIMEOUTS}

    def read_range(self, name: str, first: int, last: int) -> bytes:
        try:
            answer = self.bucket.Object(self._normalize_name(name)).get(
                Range=f"bytes={first}-{last}"
            )
        except ClientError as error:
            raise FileNotFoundError(name) from error
        content: bytes = answer["Body"].read()
        return content

    def size(self, name: str) -> int:
        try:
            return int(super().size(name))
        except ClientError as error:
            raise FileNotFoundError(name) from error

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        """Raises ValueError: recordings are behind login, role and audit."""
        raise ValueError("A recording has no URL.")
