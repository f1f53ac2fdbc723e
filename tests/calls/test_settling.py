"""A call that is over is counted once, and found by its words."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from calls import settling
from calls.models import Call, CallWords, Figure, Metric, Status, Utterance
from calls.settling import settle

pytestmark = pytest.mark.django_db


def a_call(number: int = 1, *, ended_seconds_ago: float = 60.0, **values: Any) -> Call:
    call = Call.objects.create(
        call_sid=f"CA{number:032x}",
        status=Status.COMPLETED,
        ended_at=timezone.now() - timedelta(seconds=ended_seconds_ago),
        agent_key=7,
        to_number="+351200000001",
        first_audio_ms=2.0,
        **values,
    )
    for at, (text, reply_ms) in enumerate(
        [("Good morning!", None), ("You open at nine?", None), ("Yes.", 600.0), ("Bye.", 900.0)]
    ):
        Utterance.objects.create(call=call, speaker="agent", text=text, at_ms=at, reply_ms=reply_ms)
    return call


def counts(metric: Metric) -> int:
    return sum(Figure.objects.filter(metric=metric).values_list("count", flat=True))


def test_it_counts_what_a_call_measured_once() -> None:
    call = a_call()
    assert (settle(), settle()) == (1, 0)
    assert [counts(metric) for metric in Metric] == [1, 0, 2]
    call.refresh_from_db()
    assert call.usual_reply_ms == 750.0
    assert CallWords.objects.get().text == "Good morning!\nYou open at nine?\nYes.\nBye."


def test_calls_of_an_hour_share_their_rows() -> None:
    for number in range(3):
        a_call(number)
    assert settle() == 3
    figure = Figure.objects.get(metric=Metric.FIRST_AUDIO)
    assert (figure.count, figure.agent_key, figure.to_number) == (3, 7, "+351200000001")
    assert (figure.hour.minute, figure.hour.second) == (0, 0)


def test_it_waits_for_the_last_lines_of_a_call_and_for_its_end() -> None:
    a_call(1, ended_seconds_ago=0.5)
    a_call(2)
    Call.objects.filter(call_sid=f"CA{2:032x}").update(status=Status.IN_PROGRESS)
    assert settle() == 0


def test_more_than_it_takes_at_once_are_settled_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MOST_AT_ONCE", 2)
    for number in range(5):
        a_call(number)
    assert settle() == 5
    assert counts(Metric.FIRST_AUDIO) == 5


def test_a_call_that_was_turned_away_counts_nothing_and_is_settled() -> None:
    Call.objects.create(call_sid="CA1", status=Status.COMPLETED, ended_at=timezone.now())
    Call.objects.update(ended_at=timezone.now() - timedelta(seconds=10))
    assert settle() == 1
    assert not Figure.objects.exists() and not CallWords.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_servers_at_once_count_nothing_twice() -> None:
    for number in range(40):
        a_call(number)
    start = threading.Barrier(2)

    def work() -> None:
        start.wait(10.0)
        try:
            settle()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert counts(Metric.FIRST_AUDIO) == 40
    assert connection.is_usable()
