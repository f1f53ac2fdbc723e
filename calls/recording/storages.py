"""The default home of finished recordings: a folder that no URL leads to."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage


class PrivateFolder(FileSystemStorage):
    """Beside the recordings of calls that run, readable for this user alone."""

    def __init__(self, location: Path | None = None, **options: Any) -> None:
        super().__init__(
            location=str(location or Path(settings.RECORDING_DIR) / "finished"),
            file_permissions_mode=0o600,
            directory_permissions_mode=0o700,
            allow_overwrite=True,
            **options,
        )

    def url(self, name: str | None) -> str:
        """Raises ValueError: recordings are behind login, role and audit."""
        raise ValueError("A recording has no URL.")
