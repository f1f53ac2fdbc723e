"""What is on disk before it is rows: after a kill, a full disk, and an hour without a database."""

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from calls import journal as journal_module
from calls.journal import Journal, folder_of, left_behind
from calls.journal_segments import FileSegment, MemorySegment


def read_all(journal: Journal) -> list[bytes]:
    lines: list[bytes] = []
    while (batch := journal.next_batch(0.0)) is not None:
        lines += batch.lines
        journal.written(batch)
    return lines


def test_what_is_appended_is_read_in_order_and_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"one", b"two"])
    journal.append([b"three"])
    assert read_all(journal) == [b"one", b"two", b"three"]
    assert read_all(journal) == []


def test_a_batch_comes_again_until_it_is_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"one"])
    first = journal.next_batch(0.0)
    assert journal.next_batch(0.0) == first


def test_nothing_that_has_become_rows_stays_on_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"what somebody said"])
    read_all(journal)
    journal.forget()
    assert list(tmp_path.iterdir()) == []
    journal.append([b"more"])
    assert read_all(journal) == [b"more"]


def test_what_waits_is_kept_when_nothing_new_comes(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append([b"not written yet"])
    assert journal.forget() is None
    assert read_all(journal) == [b"not written yet"]


def test_a_long_outage_fills_segments_that_go_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "SEGMENT_BYTES", 100)
    journal = Journal(tmp_path)
    lines = [b"%02d" % number + b"x" * 30 for number in range(40)]
    for line in lines:
        journal.append([line])
    assert len(list(tmp_path.iterdir())) == 10
    assert read_all(journal) == lines
    assert len(list(tmp_path.iterdir())) <= 1


def test_only_its_owner_can_read_a_journal(tmp_path: Path) -> None:
    Journal(tmp_path / "log").append([b"what somebody said"])
    [file] = (tmp_path / "log").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_safety(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    journal = Journal(in_the_way)
    journal.append([b"one"])
    journal.append([b"two"])
    assert read_all(journal) == [b"one", b"two"]
    assert "wait in memory only" in caplog.text


def test_a_disk_that_fills_in_the_middle_of_a_line_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path)
    journal.append([b"before"])
    works = os.pwrite

    def full(fd: int, content: bytes, offset: int) -> int:
        works(fd, content[:3], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    journal.append([b"meanwhile"])
    monkeypatch.setattr(os, "pwrite", works)
    journal.append([b"after"])
    assert read_all(journal) == [b"before", b"meanwhile", b"after"]


def test_a_disk_that_is_well_again_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """However busy the server is: there is always something in memory that is not read yet."""
    monkeypatch.setattr(journal_module, "DISK_AGAIN_SECONDS", 0.0)
    folder = tmp_path / "log"
    folder.touch()
    journal = Journal(folder)
    for line in (b"one", b"two"):
        journal.append([line])
    folder.unlink()
    for line in (b"three", b"four"):
        journal.append([line])
    [file] = folder.iterdir()
    assert file.read_bytes() == b"three\nfour\n"
    assert read_all(journal) == [b"one", b"two", b"three", b"four"]
    assert caplog.text.count("wait in memory only") == 1
    assert caplog.text.count("can be written again") == 1


def test_a_disk_that_failed_is_left_alone_for_a_moment(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    folder.touch()
    journal = Journal(folder)
    journal.append([b"one"])
    folder.unlink()
    journal.append([b"two"])
    assert not folder.exists()
    assert read_all(journal) == [b"one", b"two"]


def test_a_disk_that_stays_full_is_left_no_empty_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "DISK_AGAIN_SECONDS", 0.0)

    def full(fd: int, content: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    journal = Journal(tmp_path)
    for _ in range(5):
        journal.append([b"meanwhile"])
    assert list(tmp_path.iterdir()) == []
    assert read_all(journal) == [b"meanwhile"] * 5


def test_memory_reads_as_a_file_does() -> None:
    segment = MemorySegment()
    segment.append([b"one", b"two", b"three"])
    first = segment.read(0, 2)
    assert first.lines == (b"one", b"two")
    assert segment.read(first.end_bytes, 2).lines == (b"three",)


def test_a_reader_is_woken_by_what_is_appended(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    threading.Timer(0.05, journal.append, ([b"now"],)).start()
    batch = journal.next_batch(10.0)
    assert batch is not None and batch.lines == (b"now",)


KILLED = """
import os, signal, sys
from pathlib import Path
from calls.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.append([b"one", b"two"])
os.pwrite(journal._segments[-1]._fd, b"half a li", journal._segments[-1].size_bytes)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_every_whole_line_to_the_next(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=30)
    assert killed.returncode == -signal.SIGKILL
    [segment] = left_behind(tmp_path)
    assert segment.read(0, 10).lines == (b"one", b"two")
    assert left_behind(tmp_path) == [], "it has an owner now"


def test_a_living_process_keeps_its_journal(tmp_path: Path) -> None:
    Journal(tmp_path).append([b"mine"])
    assert left_behind(tmp_path) == []


def test_a_journal_that_goes_while_it_is_found_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment = FileSegment.create(tmp_path)
    [path] = tmp_path.iterdir()
    opens = os.open

    def opened_too_late(*args: object) -> int:
        fd = opens(*args)  # type: ignore[arg-type]
        segment.delete()
        return fd

    monkeypatch.setattr(os, "open", opened_too_late)
    assert FileSegment.adopt(path) is None


def test_two_databases_have_no_journal_in_common(tmp_path: Path) -> None:
    one = {"ENGINE": "postgresql", "HOST": "db", "PORT": "", "NAME": "voice"}
    assert folder_of(tmp_path, one) == folder_of(tmp_path, dict(one))
    assert folder_of(tmp_path, one) != folder_of(tmp_path, {**one, "NAME": "other"})
