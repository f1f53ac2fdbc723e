"""The upload form and files that are not what they seem."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from tests.catalog import broken_files
from tests.catalog.broken_files import FORMATS, BrokenFile
from tests.catalog.upload_fuzz import erin, feed, media

__all__ = ["erin", "media"]


@pytest.mark.parametrize(
    "kind",
    [
        broken_files.renamed,
        broken_files.bombs,
        broken_files.claims_of_ten_hours,
        broken_files.other_types,
    ],
)
def test_a_disguised_file_is_a_clip_or_an_error(
    erin: Client, media: Path, kind: Callable[[], Iterator[BrokenFile]]
) -> None:
    taken, refused = feed(erin, kind(), media)
    assert refused > 0
    if kind is broken_files.renamed:
        assert taken >= len(FORMATS)  # The content tells what it is.


def test_hundreds_of_files_are_fed_to_it() -> None:
    assert sum(1 for _ in broken_files.broken_files()) > 300
