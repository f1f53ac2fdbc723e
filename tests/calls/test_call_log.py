"""The writer of call rows: in the background, through a database that fails, past bad values."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from calls import call_rows, journal_rows
from calls.call_log import CallLog
from calls.happenings import CallOver, CallRang, Milestone, Said, ToolRan
from calls.models import Call, CallEvent, EndedBy, Speaker, Status, Utterance
from calls.timing import Timings
from tests.calls.samples import CALL_SID, OTHER_CALL_SID

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 10.0


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[CallLog]:
    monkeypatch.setattr(journal_rows, "RETRY_SECONDS", 0.01)
    log = CallLog()
    yield log
    assert log.flush(PATIENCE_SECONDS)


def said(text: str, call_sid: str = CALL_SID) -> Said:
    return Said(call_sid, Speaker.CALLER, text, at_ms=100.0, end_ms=900.0)


def fail_times(
    monkeypatch: pytest.MonkeyPatch, target: Any, name: str, failures: list[Exception]
) -> None:
    """Have the named function raise each of these once, and then work again."""
    works: Callable[..., Any] = getattr(target, name)

    def flaky(*args: Any, **kwargs: Any) -> Any:
        if failures:
            raise failures.pop(0)
        return works(*args, **kwargs)

    monkeypatch.setattr(target, name, flaky)


def test_it_writes_behind_the_back_of_who_posts(log: CallLog) -> None:
    log.post(CallRang(CALL_SID, "+351200000002", "+351200000001", "Reception", 42, 3.5))
    log.post(said("Hello?"))
    assert log.flush(PATIENCE_SECONDS)
    call = Call.objects.get()
    assert (call.call_sid, call.status, call.revision) == (CALL_SID, Status.RINGING, 42)
    assert [line.text for line in call.utterances.all()] == ["Hello?"]


def test_it_has_nothing_to_wait_for_before_the_first_post() -> None:
    assert CallLog().flush(0.0) is True


def test_it_keeps_the_order_in_which_things_happened(log: CallLog) -> None:
    for number in range(50):
        log.post(Milestone(CALL_SID, f"milestone {number}"))
    assert log.flush(PATIENCE_SECONDS)
    names = list(CallEvent.objects.order_by("pk").values_list("name", flat=True))
    assert names == [f"milestone {number}" for number in range(50)]


def test_it_writes_what_many_threads_post_at_once(log: CallLog) -> None:
    start = threading.Barrier(8)

    def talk(number: int) -> None:
        start.wait(PATIENCE_SECONDS)
        for _ in range(20):
            log.post(said("Hello?", f"CA{number:032x}"))

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert log.flush(PATIENCE_SECONDS)
    assert Call.objects.count() == 8
    assert Utterance.objects.count() == 160


@pytest.mark.parametrize(
    "failures",
    [[OperationalError("database is locked")] * 3, [InterfaceError("connection already closed")]],
)
def test_it_keeps_everything_while_the_database_is_away(
    log: CallLog, monkeypatch: pytest.MonkeyPatch, failures: list[Exception]
) -> None:
    remaining = list(failures)
    fail_times(monkeypatch, call_rows, "write", remaining)
    log.post(said("one"))
    log.post(said("two"))
    assert log.flush(PATIENCE_SECONDS)
    assert remaining == []
    assert sorted(Utterance.objects.values_list("text", flat=True)) == ["one", "two"]


def test_it_writes_nothing_twice_when_it_fails_half_way(
    log: CallLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = threading.Event()
    works = call_rows.write

    def held(happening: Any) -> Any:
        assert posted.wait(PATIENCE_SECONDS)
        return works(happening)

    monkeypatch.setattr(call_rows, "write", held)
    fail_times(monkeypatch, CallEvent.objects, "create", [OperationalError("disk I/O error")])
    log.post(said("first"))
    for number in range(5):  # These become one batch, which fails at its last happening.
        log.post(said(f"line {number}"))
    log.post(Milestone(CALL_SID, "agent ready"))
    posted.set()
    assert log.flush(PATIENCE_SECONDS)
    assert Utterance.objects.count() == 6
    assert CallEvent.objects.count() == 1


def test_it_says_when_the_database_stays_away_too_long(
    log: CallLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [OperationalError("could not connect")] * 1_000_000
    fail_times(monkeypatch, call_rows, "write", away)
    log.post(said("kept"))
    assert log.flush(0.05) is False
    away.clear()
    assert log.flush(PATIENCE_SECONDS) is True
    assert Utterance.objects.get().text == "kept"


BAD: dict[str, Any] = {
    "a wrong type": Said(CALL_SID, Speaker.CALLER, "bad", at_ms="soon"),  # type: ignore[arg-type]
    "no JSON": ToolRan(CALL_SID, "a tool", {"bad": object()}, "ok", 1.0, 1.0),
    "a number the column refuses": CallRang(CALL_SID, "", "", "Reception", -1, 1.0),
    "nothing where something is needed": Milestone(CALL_SID, None),  # type: ignore[arg-type]
    "a duration below zero": CallOver(
        CALL_SID, EndedBy.CALLER, timezone.now(), -5_000.0, Timings()
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_value_costs_only_itself(log: CallLog, bad: Any) -> None:
    log.post(said("before"))
    log.post(bad)
    log.post(said("after", OTHER_CALL_SID))
    log.post(said("after"))
    assert log.flush(PATIENCE_SECONDS), "a bad value held up every other record"
    assert sorted(Utterance.objects.values_list("text", flat=True)) == ["after", "after", "before"]


def test_it_does_not_log_what_was_said(log: CallLog, caplog: pytest.LogCaptureFixture) -> None:
    log.post(Said(CALL_SID, Speaker.CALLER, "x", at_ms="my number is +351200000002"))  # type: ignore[arg-type]
    assert log.flush(PATIENCE_SECONDS)
    assert "Said" in caplog.text
    assert "+351200000002" not in caplog.text
