"""Each line of a journal becomes a row once, whoever was killed in between."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError

from calls import call_rows, journal_rows
from calls.happenings import Lost, Milestone, Said
from calls.journal import Journal, left_behind
from calls.journal_lines import NotWritable, decoded, encoded
from calls.journal_rows import JournalRows
from calls.journal_segments import FileSegment
from calls.models import CallEvent, JournalPosition, Speaker, Utterance
from tests.calls.samples import CALL_SID

pytestmark = pytest.mark.django_db(transaction=True)
LINES = [encoded(Milestone(CALL_SID, f"milestone {number}")) for number in range(3)]


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JournalRows]:
    monkeypatch.setattr(journal_rows, "RETRY_SECONDS", 0.01)
    yield JournalRows(Journal(tmp_path), tmp_path)


def left(folder: Path, lines: list[bytes]) -> str:
    """A journal whose process is gone. Its name."""
    segment = FileSegment.create(folder)
    segment.append(lines)
    path = segment._path
    kept = path.read_bytes()
    segment.delete()
    path.write_bytes(kept)
    return segment.name


def take_over(rows: JournalRows) -> None:
    rows._take_over()
    while rows._others:
        rows._write_of_others()


def events() -> list[str]:
    return list(CallEvent.objects.order_by("pk").values_list("name", flat=True))


def test_what_a_dead_process_left_becomes_rows_and_goes(rows: JournalRows, tmp_path: Path) -> None:
    left(tmp_path, LINES)
    take_over(rows)
    assert events() == ["milestone 0", "milestone 1", "milestone 2"]
    assert list(tmp_path.iterdir()) == []
    assert not JournalPosition.objects.exists()


def test_what_was_written_before_the_kill_is_not_written_again(
    rows: JournalRows, tmp_path: Path
) -> None:
    name = left(tmp_path, LINES)
    JournalPosition.objects.create(name=name, position_bytes=len(LINES[0]) + 1)
    take_over(rows)
    assert events() == ["milestone 1", "milestone 2"]


def test_rows_and_position_move_together(
    rows: JournalRows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database fails after the rows and before the position: neither was written."""
    failures = [OperationalError("server closed the connection")]
    works = JournalPosition.objects.bulk_create

    def flaky(*args: object, **kwargs: object) -> object:
        if failures:
            raise failures.pop()
        return works(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(JournalPosition.objects, "bulk_create", flaky)
    left(tmp_path, LINES)
    take_over(rows)
    assert events() == ["milestone 0", "milestone 1", "milestone 2"]


def test_a_line_nobody_can_read_costs_only_itself(
    rows: JournalRows, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = LINES[1].replace(b"}", b"")
    left(tmp_path, [LINES[0], damaged, b"Nonsense {}", b"\xff\xfe", LINES[2]])
    take_over(rows)
    assert events() == ["milestone 0", "milestone 2"]
    assert caplog.text.count("cannot be read") == 1
    assert caplog.text.count("kind that is not known") == 2


def test_it_waits_for_the_database_as_long_as_it_takes(
    tmp_path: Path, rows: JournalRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = threading.Event()
    away.set()
    works = call_rows.write

    def write(happening: object) -> object:
        if away.is_set():
            raise OperationalError("could not connect")
        return works(happening)  # type: ignore[arg-type]

    monkeypatch.setattr(call_rows, "write", write)
    left(tmp_path, LINES)
    writing = threading.Thread(target=take_over, args=(rows,))
    writing.start()
    writing.join(0.2)
    assert writing.is_alive() and not left_behind(tmp_path)
    away.clear()
    writing.join(10.0)
    assert len(events()) == 3


def test_a_server_that_is_never_idle_takes_over_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_rows, "LEFT_BEHIND_SECONDS", 0.0)
    journal = Journal(tmp_path)
    rows = JournalRows(journal, tmp_path)
    mine = encoded(Milestone(CALL_SID, "mine"))
    for number in range(3):
        journal.append([mine])
        if number == 1:
            left(tmp_path, LINES)  # by a process that dies while this one is at work
        rows._round()
    assert events() == ["mine", "milestone 0", "milestone 1", "milestone 2", "mine", "mine"]


def test_a_long_journal_of_another_holds_up_no_call_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_rows, "BATCH_LINES", 1)
    monkeypatch.setattr(journal_rows, "IDLE_SECONDS", 0.01)
    journal = Journal(tmp_path)
    rows = JournalRows(journal, tmp_path)
    left(tmp_path, LINES)
    journal.append([encoded(Milestone(CALL_SID, "mine"))])
    for _ in range(3):
        rows._round()
    assert events() == ["milestone 0", "mine", "milestone 1", "milestone 2"]


def test_a_call_that_was_lost_is_counted_once(rows: JournalRows, tmp_path: Path) -> None:
    from django.utils import timezone

    from calls.metrics import calls_lost

    def count() -> float:
        return float(calls_lost._value.get())

    before = count()
    lost = encoded(Lost(CALL_SID, timezone.now()))
    left(tmp_path, [lost, lost])
    take_over(rows)
    assert count() == before + 1


def test_a_line_says_the_same_when_it_is_read() -> None:
    said = Said(CALL_SID, Speaker.CALLER, "Olá – \u2028 “sim”\n", 1.0, 2.5, True, None)
    assert decoded(encoded(said)) == said


def test_what_cannot_be_written_names_no_word_of_it() -> None:
    with pytest.raises(NotWritable) as refused:
        encoded(Said(CALL_SID, Speaker.CALLER, "my number is 912345678 \ud83d", 1.0))
    assert "912345678" not in str(refused.value)
    assert not Utterance.objects.exists()
