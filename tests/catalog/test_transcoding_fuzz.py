"""Broken files: each ends in a sentence or in a whole clip, and leaves nothing behind.

All of them are fed to the page of a clip, in test_upload_fuzz*.py; here only the decoder is looked
after: its processes and its temporary files.
"""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog import mulaw, transcoding
from catalog.transcoding import TranscodingError, transcode
from tests.catalog import broken_files
from tests.catalog.broken_files import BrokenFile


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    yield
    assert children() == before
    assert list(tmp_path.iterdir()) == []


def children() -> set[str]:
    return set(
        " ".join(file.read_text() for file in Path("/proc/self/task").glob("*/children")).split()
    )


def complaint(broken: BrokenFile) -> str:
    """What is wrong with the answer to it; empty if nothing is."""
    name, data = broken
    began = time.monotonic()
    try:
        clip = transcode(data, name)
    except TranscodingError as error:
        wrong = not str(error).endswith(".") or "%" in str(error)
    else:
        frames, rest = divmod(len(clip.mulaw), mulaw.FRAME_BYTES)
        wrong = rest != 0 or not 0 < frames <= transcoding.LONGEST_SECONDS * 50
    late = time.monotonic() - began > transcoding.DEADLINE_SECONDS + 5
    return name if wrong or late else ""


def check(files: Iterator[BrokenFile]) -> None:
    with ThreadPoolExecutor(2) as both:
        complaints = [name for name in both.map(complaint, files) if name]
    assert complaints == []


@pytest.mark.parametrize("ending", ["mp3", "webm"])
def test_it_survives_damage_of_every_kind(ending: str) -> None:
    check(broken_files.damaged(ending))


def test_it_survives_bombs() -> None:
    check(broken_files.bombs())


def test_there_are_hundreds_and_the_same_ones_every_time() -> None:
    once, again = list(broken_files.broken_files()), list(broken_files.broken_files())
    assert len(once) > 300
    assert once == again
    assert len({name for name, _ in once}) > 250
