"""The worker in a server's process: how it stops, and what becomes of tasks that were lost."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from calls import warmup
from calls.aftercare import deliveries, tasks, worker
from calls.aftercare.worker import TaskThread

pytestmark = pytest.mark.django_db(transaction=True)


class Delivering:
    """The deliveries of a test: each takes until it is let go."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.ids: list[str] = []

    def attempt(self, delivery_id: str, _attempts: int) -> None:
        self.ids.append(delivery_id)
        self.begun.set()
        assert self.let_go.wait(20.0)


@pytest.fixture
def delivering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Delivering]:
    delivering = Delivering()
    monkeypatch.setattr(deliveries, "attempt", delivering.attempt)
    monkeypatch.setattr(worker, "EVERY_SECONDS", 0.01)
    yield delivering
    delivering.let_go.set()


@pytest.fixture
def thread(delivering: Delivering, settings: Any) -> Iterator[TaskThread]:
    settings.TASK_WORKER = "inside"
    thread = TaskThread()
    tasks.deliver.enqueue("first", 0)
    tasks.deliver.enqueue("second", 0)
    thread.start()
    assert delivering.begun.wait(10.0)
    yield thread
    delivering.let_go.set()
    thread.end()


def statuses() -> list[str]:
    return sorted(DBTaskResult.objects.values_list("status", flat=True))


def test_it_ends_with_the_task_that_runs_and_begins_no_other(
    thread: TaskThread, delivering: Delivering
) -> None:
    threading.Timer(0.2, delivering.let_go.set).start()
    thread.end(10.0)
    assert delivering.ids == ["first"]
    assert statuses() == [TaskResultStatus.READY, TaskResultStatus.SUCCESSFUL]


def test_a_task_that_takes_too_long_is_handed_to_the_next_worker(thread: TaskThread) -> None:
    assert TaskResultStatus.RUNNING in statuses()
    thread.end(0.05)
    assert statuses() == [TaskResultStatus.READY] * 2


def test_it_leaves_everything_to_workers_of_their_own(
    delivering: Delivering, settings: Any
) -> None:
    settings.TASK_WORKER = "separate"
    tasks.deliver.enqueue("first", 0)
    thread = TaskThread()
    thread.start()
    assert not delivering.begun.wait(0.2)
    thread.end()


def test_what_a_killed_worker_was_doing_is_done_again() -> None:
    for minutes in (1, 11):
        began = timezone.now() - timedelta(minutes=minutes)
        task = tasks.deliver.enqueue("one", 0)
        DBTaskResult.objects.filter(pk=task.id).update(
            status=TaskResultStatus.RUNNING, started_at=began
        )
    assert worker.take_up_lost() == 1
    assert statuses() == [TaskResultStatus.READY, TaskResultStatus.RUNNING]


def test_what_was_done_a_week_ago_is_forgotten() -> None:
    for days in (1, 8):
        ended = timezone.now() - timedelta(days=days)
        task = tasks.deliver.enqueue("one", 0)
        DBTaskResult.objects.filter(pk=task.id).update(
            status=TaskResultStatus.SUCCESSFUL, finished_at=ended
        )
    tasks.deliver.enqueue("another", 0)
    assert worker.forget_finished() == 1
    assert DBTaskResult.objects.count() == 2


def test_what_is_due_when_a_server_begins_waits_until_it_is_warm(
    delivering: Delivering, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASK_WORKER = "inside"
    is_warm = threading.Event()
    monkeypatch.setattr(warmup, "is_under_way", lambda: not is_warm.is_set())
    tasks.deliver.enqueue("first", 0)
    thread = TaskThread()
    thread.start()
    assert not delivering.begun.wait(0.3)
    is_warm.set()
    assert delivering.begun.wait(10.0)
    delivering.let_go.set()
    thread.end()
