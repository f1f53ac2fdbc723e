"""What a journal tells of a call after that was counted is counted once, found, and summed up."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from calls.admin.call_search import found
from calls.call_rows import write
from calls.happenings import CallOver, CallRang, Lost, Said, StreamBegan
from calls.models import Call, CallWords, EndedBy, Figure, Metric, Speaker
from calls.settling import settle
from calls.timing import Timings
from catalog.models import Agent
from tests.calls.samples import CALL_SID, CALLER_NUMBER, DIALLED_NUMBER, STREAM_SID
from tests.catalog.factories import make_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> Agent:
    return make_agent("Notes")


def begun(agent: Agent) -> None:
    began = timezone.now() - timedelta(seconds=120)
    write(CallRang(CALL_SID, CALLER_NUMBER, DIALLED_NUMBER, "Notes", 42, 3.5, agent.pk, began))
    write(StreamBegan(CALL_SID, STREAM_SID, began))


def over(**timings: Any) -> CallOver:
    ended = timezone.now() - timedelta(seconds=60)
    return CallOver(CALL_SID, EndedBy.CALLER, ended, 60_000.0, Timings(**timings))


def say(text: str, reply_ms: float | None = None, at_ms: float = 1.0) -> None:
    write(Said(CALL_SID, Speaker.AGENT, text, at_ms, None, False, reply_ms))


def counts() -> dict[str, int]:
    rows = Figure.objects.values_list("metric", "count")
    return {metric: sum(count for of, count in rows if of == metric) for metric in Metric}


def summaries() -> int:
    return DBTaskResult.objects.filter(task_path__endswith="summarise_call").count()


def test_words_that_come_late_are_found_and_counted_once(agent: Agent) -> None:
    begun(agent)
    write(over(first_audio_ms=2.0))
    assert settle() == 1
    say("The toothache again?", 700.0, 1.0)
    say("At nine then.", 900.0, 2.0)
    assert settle() == 0
    call = Call.objects.get()
    assert CallWords.objects.get().text == "The toothache again?\nAt nine then."
    assert list(found(Call.objects.all(), "toothache", by_number=False)) == [call]
    assert call.usual_reply_ms == 800.0
    assert counts() == {Metric.FIRST_AUDIO: 1, Metric.READY: 0, Metric.REPLY: 2}


def test_late_words_join_those_that_were_counted_in_time(agent: Agent) -> None:
    begun(agent)
    say("Good morning.", 500.0)
    write(over())
    settle()
    say("Bye.", 900.0, 2.0)
    assert CallWords.objects.get().text == "Good morning.\nBye."
    assert Call.objects.get().usual_reply_ms == 700.0
    assert counts()[Metric.REPLY] == 2


def test_late_words_are_summed_up_once(agent: Agent) -> None:
    begun(agent)
    write(over())
    settle()
    assert summaries() == 0
    for at_ms in (1.0, 2.0, 3.0):
        say("Late.", None, at_ms)
    assert summaries() == 1


@pytest.mark.parametrize("why", ["summed up in time", "switched off"])
def test_no_second_summary_and_none_that_nobody_wants(agent: Agent, why: str) -> None:
    if why == "switched off":
        Agent.objects.update(summarise_calls=False)
    begun(agent)
    if why == "summed up in time":
        say("In time.")
    write(over())
    settle()
    before = summaries()
    say("Late.", None, 2.0)
    assert summaries() == before


def test_a_queue_that_is_away_costs_the_summary_and_no_words(
    agent: Agent, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from redis.exceptions import ConnectionError as Away

    from calls.aftercare import begin

    class Queue:
        def using(self, **_when: Any) -> "Queue":
            return self

        def enqueue(self, *_what: Any) -> None:
            raise Away

    begun(agent)
    write(over())
    settle()
    monkeypatch.setattr(begin, "summarise_call", Queue())
    say("Late.")
    assert CallWords.objects.get().text == "Late."
    assert "will have no summary" in caplog.text


def test_what_the_session_measured_counts_after_the_call_was_given_up(agent: Agent) -> None:
    """A server that was cut off for a while: others closed its call, and then its journal came."""
    begun(agent)
    write(Lost(CALL_SID, timezone.now() - timedelta(seconds=60)))
    settle()
    for _twice in range(2):
        write(over(first_audio_ms=2.0, agent_ready_ms=48.0))
    assert counts() == {Metric.FIRST_AUDIO: 1, Metric.READY: 1, Metric.REPLY: 0}


def test_words_that_come_after_the_erasure_are_not_kept(agent: Agent) -> None:
    begun(agent)
    write(over())
    settle()
    Call.objects.update(erased_at=timezone.now())
    say("Late.", 700.0)
    assert not CallWords.objects.exists()
    assert counts()[Metric.REPLY] == 0
