"""What has to be done again and again is done, whatever one of the chores does."""

import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError

from calls import chores
from calls.chores import Chore

pytestmark = pytest.mark.django_db


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    stop = threading.Event()
    yield stop
    stop.set()


def test_each_is_done_at_once_and_again_when_it_is_due(stop: threading.Event) -> None:
    often, seldom, enough = [], [], threading.Event()

    def do_often() -> None:
        often.append(1)
        if len(often) == 3:
            enough.set()

    all_of_them = (Chore("Often", 0.01, do_often), Chore("Seldom", 60.0, lambda: seldom.append(1)))
    thread = chores.start(all_of_them, stop)
    assert enough.wait(10.0)
    stop.set()
    thread.join(10.0)
    assert seldom == [1]


@pytest.mark.parametrize("error", [OperationalError("away"), RuntimeError("a mistake")])
def test_one_that_fails_is_tried_again_and_stops_no_other(
    stop: threading.Event, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    failures, others = [error], threading.Event()
    again = threading.Event()

    def fail() -> None:
        if failures:
            raise failures.pop()
        again.set()

    chores.start((Chore("Failing", 0.01, fail), Chore("Other", 0.01, others.set)), stop)
    assert others.wait(10.0) and again.wait(10.0)
    assert "Failing" in caplog.text


def test_it_ends_when_it_is_told_to(stop: threading.Event) -> None:
    thread = chores.start((Chore("Idle", 60.0, lambda: None),), stop)
    stop.set()
    thread.join(10.0)
    assert not thread.is_alive()
