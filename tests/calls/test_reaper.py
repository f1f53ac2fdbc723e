"""Calls that nobody carries any more are closed, and those that somebody carries are not."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from calls import reaper
from calls.happenings import Lost, Said
from calls.journal import Journal, folder_of
from calls.journal_lines import encoded
from calls.models import Call, JournalPosition, Speaker, Status
from calls.reaper import abandoned, reap
from catalog.models import ServingProcess
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio_rest import Answer, FakeTwilioRest, says
from tests.calls.samples import CALL_SID
from tests.whole_call.rig import LoopThread

pytestmark = pytest.mark.django_db
ALIVE, SILENT = "a" * 32, "b" * 32


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> PostedHappenings:
    log = PostedHappenings()
    monkeypatch.setattr(reaper, "call_log", log)
    monkeypatch.setattr(reaper, "_away", False)
    return log


@pytest.fixture(autouse=True)
def without_twilio(settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID = settings.TWILIO_AUTH_TOKEN = ""


@pytest.fixture
def twilio(settings: Any) -> Iterator[FakeTwilioRest]:
    thread, twilio = LoopThread("twilio"), FakeTwilioRest()
    thread.run(twilio.start())
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "1" * 32, "token"
    settings.TWILIO_API_BASE_URL = twilio.url
    yield twilio
    thread.run(twilio.stop())
    thread.stop()


@pytest.fixture(autouse=True)
def processes() -> None:
    for process_id, silent_seconds in ((ALIVE, 4.0), (SILENT, 40.0)):
        ServingProcess.objects.create(
            process_id=process_id,
            host="here",
            pid=1,
            started_at=timezone.now(),
            seen_at=timezone.now() - timedelta(seconds=silent_seconds),
        )


def a_call(process_id: str = "", *, seconds_ago: float = 60.0, **values: Any) -> Call:
    began = timezone.now() - timedelta(seconds=seconds_ago)
    if process_id:
        values = {"status": Status.IN_PROGRESS, "started_at": began, **values}
    call = Call.objects.create(call_sid=CALL_SID, process_id=process_id, **values)
    Call.objects.update(created_at=began)
    return call


def resource(status: str, **values: Any) -> Answer:
    return says(200, json.dumps({"sid": CALL_SID, "status": status, **values}))


@pytest.mark.parametrize(
    ("process_id", "seconds_ago", "is_lost"),
    [
        (ALIVE, 600.0, False),
        (SILENT, 600.0, True),
        ("c" * 32, 600.0, True),  # it left, or its row went: nobody has heard of it for a minute
        ("c" * 32, 5.0, False),  # it has just begun, and has not said so yet
        ("", 60.0, False),  # its stream may still come
        ("", 80.0, True),
    ],
)
def test_it_knows_which_calls_nobody_carries(
    process_id: str, seconds_ago: float, is_lost: bool
) -> None:
    a_call(process_id, seconds_ago=seconds_ago)
    assert abandoned(timezone.now()).exists() is is_lost


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_what_is_over_stays_as_it_is(status: Status) -> None:
    a_call(SILENT, status=status)
    assert not abandoned(timezone.now()).exists()


def test_it_asks_twilio_how_and_when_the_call_ended(
    log: PostedHappenings, twilio: FakeTwilioRest
) -> None:
    a_call(SILENT)
    twilio.answers = [
        resource("completed", duration="42", end_time="Mon, 09 Mar 2026 14:30:42 +0000")
    ]
    assert reap() == 1
    ended_at = datetime.fromisoformat("2026-03-09T14:30:42+00:00")
    assert log.happenings == [Lost(CALL_SID, ended_at, "completed", 42)]
    assert [asked.method for asked in twilio.asked] == ["GET"], "it asks, and changes nothing"


@pytest.mark.parametrize("status", ["in-progress", "ringing", "queued"])
def test_a_call_that_goes_on_at_twilio_is_left_open(
    log: PostedHappenings, twilio: FakeTwilioRest, status: str
) -> None:
    a_call(SILENT)
    twilio.answers = [resource(status)]
    assert reap() == 0 and log.happenings == []


def test_no_call_goes_on_for_ever(log: PostedHappenings, twilio: FakeTwilioRest) -> None:
    a_call(SILENT, seconds_ago=5 * 3_600.0)
    twilio.answers = [resource("in-progress")]
    assert reap() == 1


@pytest.mark.parametrize(
    "answer", [says(404, '{"code": 20404}'), says(500, "oops"), says(200, "<html>", "text/html")]
)
def test_it_closes_what_twilio_cannot_tell_of(
    log: PostedHappenings, twilio: FakeTwilioRest, answer: Answer
) -> None:
    a_call(SILENT)
    twilio.answers = [answer]
    assert reap() == 1
    (lost,) = log.happenings
    assert isinstance(lost, Lost) and (lost.status, lost.seconds) == ("", None)


def test_what_a_journal_can_still_tell_of_is_not_closed(
    log: PostedHappenings, tmp_path: Path, settings: Any
) -> None:
    settings.CALL_LOG_DIR = tmp_path
    a_call(SILENT)
    journal = Journal(folder_of(tmp_path, connection.settings_dict))
    journal.append([encoded(Said(CALL_SID, Speaker.CALLER, "At nine?", 1.0))])
    assert reap() == 0
    batch = journal.next_batch(0.0)
    assert batch is not None
    JournalPosition.objects.create(name=batch.segment, position_bytes=batch.end_bytes)
    assert reap() == 1


def test_a_journal_nobody_can_read_keeps_no_call_open(
    log: PostedHappenings, tmp_path: Path, settings: Any
) -> None:
    settings.CALL_LOG_DIR = tmp_path
    a_call(SILENT)
    (folder_of(tmp_path, connection.settings_dict) / "odd.jsonl").mkdir(parents=True)
    assert reap() == 1


def test_everybody_has_a_round_to_show_up_after_the_database_was_away(
    log: PostedHappenings, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_call(SILENT)
    with monkeypatch.context() as away:

        def fail(now: datetime) -> None:
            raise OperationalError("could not connect")

        away.setattr(reaper, "abandoned", fail)
        with pytest.raises(OperationalError):
            reap()
    assert reap() == 0
    assert reap() == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_closes_them_and_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    a_call(SILENT)
    call_command("reap_calls")
    assert capsys.readouterr().out == "Closed 1 calls.\n"
    call = Call.objects.get()
    assert (call.status, call.ended_by) == (Status.FAILED, "error")
