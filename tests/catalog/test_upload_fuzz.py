"""The upload form and damaged files of each format: some of them here, all with `make
test-uploads`.
"""

import os
from pathlib import Path

import pytest
from django.test import Client

from tests.catalog.broken_files import BrokenFile, damaged
from tests.catalog.recordings import FORMATS
from tests.catalog.upload_fuzz import erin, feed, media

__all__ = ["erin", "media"]
EVERY = 1 if os.environ.get("WHOLE_CORPUS") == "1" else 3


def some(ending: str) -> list[BrokenFile]:
    """Every third, and the last, which holds a whole recording."""
    files = list(damaged(ending))
    return [*files[:-1:EVERY], files[-1]]


@pytest.mark.parametrize("ending", sorted(FORMATS))
def test_a_damaged_file_is_a_clip_or_an_error(erin: Client, media: Path, ending: str) -> None:
    taken, refused = feed(erin, some(ending), media)
    assert taken > 0 and refused > 0
