"""The upload form and damaged files of half the formats; the other half runs beside it."""

from pathlib import Path

import pytest
from django.test import Client

from tests.catalog.broken_files import damaged
from tests.catalog.upload_fuzz import erin, feed, media

__all__ = ["erin", "media"]


@pytest.mark.parametrize("ending", ["aac", "flac", "m4a", "mp3"])
def test_a_damaged_file_is_a_clip_or_an_error(erin: Client, media: Path, ending: str) -> None:
    taken, refused = feed(erin, damaged(ending), media)
    assert taken > 0 and refused > 0
