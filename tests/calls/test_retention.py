"""What was kept for as long as its agent says goes, nothing else does, and nothing comes back."""

import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings

from calls import retention
from calls.call_rows import write
from calls.happenings import (
    CallRang,
    CustomerKnown,
    Milestone,
    RecordingChanged,
    Said,
    Summarised,
    ToolRan,
)
from calls.models import Call, RecordingState, Utterance
from calls.retention import purge
from catalog.models import Agent
from tests.calls.records import left_of, make_call, personal_in
from tests.calls.samples import CALLER_NUMBER, DIALLED_NUMBER
from tests.catalog.factories import make_agent

pytestmark = pytest.mark.django_db


class Shelf(FileSystemStorage):
    """Files on a disk that may refuse to delete some."""

    refuses: str = ""

    def delete(self, name: str) -> None:
        if self.refuses and self.refuses in name:
            raise OSError("The bucket does not answer.")
        super().delete(name)


@pytest.fixture
def shelf(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.setattr(Shelf, "refuses", "")
    here = {"BACKEND": f"{__name__}.Shelf", "OPTIONS": {"location": str(tmp_path)}}
    with override_settings(STORAGES={**settings.STORAGES, "recordings": here}):
        found = storages["recordings"]
        assert isinstance(found, Shelf)
        yield found


@pytest.fixture
def agent() -> Agent:
    agent = make_agent("Sample")
    Agent.objects.filter(pk=agent.pk).update(keep_transcripts_days=30, keep_recordings_days=90)
    return agent


def recorded(shelf: Shelf, number: int, agent: Agent, days_ago: float) -> Call:
    call = make_call(number, days_ago=days_ago, agent_key=agent.pk, recording=True)
    shelf.save(call.recording, ContentFile(b"voices"))
    return call


def test_after_its_term_nothing_says_who_called_or_what_was_said(
    agent: Agent, shelf: Shelf
) -> None:
    call = make_call(days_ago=31, agent_key=agent.pk)
    assert personal_in(left_of(call))
    purged = purge()
    assert (purged.words.calls, purged.words.utterances, purged.words.tool_runs) == (1, 2, 1)
    assert personal_in(left_of(call)) == []
    assert call.erased_at is not None


def test_times_figures_ratings_and_scores_stay(agent: Agent, shelf: Shelf) -> None:
    call = make_call(days_ago=31, agent_key=agent.pk)
    purge()
    call.refresh_from_db()
    assert (call.duration_ms, call.first_audio_ms, call.agent_name) == (83_000, 2.4, "Reception")
    assert (call.review.rating, call.review.tags, call.survey.score) == (4, "booked", 5)
    run = call.tool_runs.get()
    assert (run.name, run.outcome, run.ms, run.arguments, run.result) == ("book", "ok", 12, {}, {})
    assert [event.name for event in call.events.all()] == ["transferred"]


def test_what_is_younger_or_has_no_term_or_no_agent_stays(agent: Agent, shelf: Shelf) -> None:
    for_ever = make_agent("Another")
    kept = [
        make_call(1, days_ago=29.9, agent_key=agent.pk),
        make_call(2, days_ago=4_000, agent_key=for_ever.pk),
        make_call(3, days_ago=4_000, agent_key=987_654),
        make_call(4, days_ago=4_000),
        make_call(5, days_ago=31, agent_key=agent.pk, over=False),
    ]
    assert purge().words.calls == 0
    assert all(personal_in(left_of(call)) for call in kept)


def test_a_recording_goes_after_its_own_term_and_the_number_with_it(
    agent: Agent, shelf: Shelf
) -> None:
    young, old = recorded(shelf, 1, agent, 89), recorded(shelf, 2, agent, 91)
    assert purge().recordings == 1
    young.refresh_from_db()
    old.refresh_from_db()
    assert (old.recording_state, old.recording, old.from_number) == ("erased", "", "")
    assert shelf.listdir("")[1] == [young.recording]
    # As long as the voice is there, it can be found when its caller asks for its erasure.
    assert (young.recording_state, young.from_number) == ("ready", CALLER_NUMBER)
    assert personal_in(left_of(young)) == ["200000002"]


@pytest.mark.parametrize("state", [RecordingState.WITHHELD, RecordingState.FAILED])
def test_a_recording_that_never_was_keeps_no_number(
    state: RecordingState, agent: Agent, shelf: Shelf
) -> None:
    call = make_call(days_ago=31, agent_key=agent.pk)
    write(RecordingChanged(call.call_sid, state))
    purged = purge()
    assert (purged.words.calls, purged.recordings) == (1, 0)
    assert personal_in(left_of(call)) == []
    assert call.recording_state == state


def test_the_number_goes_when_the_recording_it_stayed_for_fails(agent: Agent, shelf: Shelf) -> None:
    call = make_call(days_ago=31, agent_key=agent.pk)
    write(RecordingChanged(call.call_sid, RecordingState.COMPRESSING))
    purge()
    assert personal_in(left_of(call)) == ["200000002"]
    write(RecordingChanged(call.call_sid, RecordingState.FAILED))
    assert personal_in(left_of(call)) == []


def test_numbers_that_stayed_for_nothing_go_with_the_upgrade(agent: Agent, shelf: Shelf) -> None:
    kept = recorded(shelf, 1, agent, 31)
    forgotten = make_call(2, days_ago=31, agent_key=agent.pk)
    purge()
    Call.objects.filter(pk=forgotten.pk).update(
        from_number=CALLER_NUMBER, recording_state=RecordingState.WITHHELD
    )
    import_module("calls.migrations.0007_numbers_without_use").forget_numbers(apps, None)
    assert personal_in(left_of(forgotten)) == []
    assert personal_in(left_of(kept)) == ["200000002"]


def test_a_file_that_cannot_be_deleted_is_heard_by_nobody_and_tried_again(
    agent: Agent, shelf: Shelf
) -> None:
    one, other = recorded(shelf, 1, agent, 91), recorded(shelf, 2, agent, 91)
    Shelf.refuses = one.recording
    with pytest.raises(CommandError, match="1 files of recordings could not be deleted"):
        call_command("purge_calls")
    one.refresh_from_db()
    assert one.recording_state == RecordingState.ERASED
    assert shelf.listdir("")[1] == [one.recording]
    Shelf.refuses = ""
    assert purge().files_left == 0
    assert shelf.listdir("")[1] == []
    other.refresh_from_db()
    assert other.recording == ""


def test_a_storage_that_is_away_does_not_hold_up_the_words(
    agent: Agent, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(shelf, 1, agent, 91)
    Shelf.refuses = "CA"
    monkeypatch.setattr(retention, "MOST_SECONDS_OF_FAILURES", -1.0)
    purged = purge()
    assert (purged.words.calls, purged.files_left) == (1, 1)


def test_a_recording_that_comes_after_its_erasure_is_deleted_too(
    agent: Agent, shelf: Shelf
) -> None:
    call = make_call(days_ago=91, agent_key=agent.pk)
    write(RecordingChanged(call.call_sid, RecordingState.COMPRESSING))
    purge()
    shelf.save("late.mp3", ContentFile(b"voices"))
    write(RecordingChanged(call.call_sid, RecordingState.READY, "late.mp3"))
    call.refresh_from_db()
    assert call.recording_state == RecordingState.ERASED
    purge()
    assert shelf.listdir("")[1] == []


def test_what_a_journal_still_holds_does_not_bring_words_back(agent: Agent, shelf: Shelf) -> None:
    call = make_call(days_ago=31, agent_key=agent.pk)
    purge()
    for happening in (
        CallRang(call.call_sid, CALLER_NUMBER, DIALLED_NUMBER, "Reception", 42, 3.5, agent.pk),
        CustomerKnown(call.call_sid, "Maria Silva", "7"),
        Said(call.call_sid, "caller", "It is Maria.", 9_000.0),
        ToolRan(call.call_sid, "book", {"reason": "toothache"}, "ok", 1.0, 1.0, {"say": "Maria"}),
        Milestone(call.call_sid, "transferred", 1.0, "Dr. Costa"),
        Summarised(call.call_sid, "Maria.", {"allergy": "peanuts"}),
    ):
        write(happening)
    assert personal_in(left_of(call)) == []
    # The figures of what came late count.
    assert call.tool_runs.count() == 2


def test_a_dry_run_says_what_would_go_and_takes_nothing(
    agent: Agent, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    call = recorded(shelf, 1, agent, 91)
    call_command("purge_calls", "--dry-run")
    assert "the words of 1 calls, 1 recordings" in capsys.readouterr().out
    assert personal_in(left_of(call))


def test_a_second_purge_finds_nothing(agent: Agent, shelf: Shelf) -> None:
    recorded(shelf, 1, agent, 91)
    purge()
    again = purge()
    assert (again.words.calls, again.recordings, again.files_left) == (0, 0, 0)


def test_it_goes_on_where_it_ran_out_of_time(
    agent: Agent, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_call(number, days_ago=31, agent_key=agent.pk)
    assert purge(most_seconds=0.0).words.calls == 0
    monkeypatch.setattr(retention, "MOST_AT_ONCE", 2)
    assert purge().words.calls == 5


@pytest.mark.django_db(transaction=True)
def test_two_purges_at_once_erase_each_call_once(agent: Agent, shelf: Shelf) -> None:
    for number in range(30):
        make_call(number, days_ago=31, agent_key=agent.pk)
    counted: list[int] = []

    def work() -> None:
        try:
            counted.append(purge().words.calls)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counted) == 30
    assert not Utterance.objects.exists()
