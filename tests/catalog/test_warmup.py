"""catalog/warmup.py: one snapshot for the process, replaced whole, never lost."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, ProgrammingError
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import warmup
from catalog.models import Agent, ServingProcess
from catalog.publishing import publish
from catalog.snapshot_loading import newest_revision
from catalog.warmup import CatalogNotReady
from tests.catalog.factories import make_agent

pytestmark = pytest.mark.django_db


def failing(error: Exception) -> Callable[..., object]:
    def fail(*_: object) -> object:
        raise error

    return fail


def rename(name: str) -> None:
    Agent.objects.update(name=name)
    publish("Renamed")


@pytest.fixture(autouse=True)
def nothing_published_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What earlier tests did to the tables is published; no revision is known to be bad."""
    monkeypatch.setattr(warmup, "_unusable", None)
    publish("Before the test")


def test_it_is_not_ready_before_it_is_warm() -> None:
    assert not warmup.is_warm()
    with pytest.raises(CatalogNotReady, match="warming up"):
        warmup.current()


def test_it_hands_out_what_it_loaded() -> None:
    assert warmup.warm() is warmup.current()
    assert warmup.is_warm()


def test_it_loads_the_language_of_every_agent_before_a_call_needs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepared: set[str] = set()
    monkeypatch.setattr(warmup.spoken_times, "prepare", prepared.update)
    Agent.objects.update(language="sv")
    publish("In Swedish")
    assert warmup.refresh_if_stale()
    assert prepared == {"sv"}


@pytest.mark.parametrize("error", [OperationalError("no such table"), ProgrammingError("relation")])
def test_it_says_what_to_do_when_there_are_no_tables(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warmup, "load_snapshot", failing(error))
    with pytest.raises(CatalogNotReady, match=r"run manage\.py migrate"):
        warmup.warm()
    assert not warmup.is_warm()


def test_it_keeps_the_snapshot_while_nothing_was_edited() -> None:
    snapshot = warmup.warm()
    assert warmup.refresh_if_stale() is False
    assert warmup.current() is snapshot


def test_it_replaces_the_snapshot_after_an_edit() -> None:
    before = warmup.warm()
    rename("Night desk")
    assert warmup.refresh_if_stale() is True
    assert {agent.name for agent in warmup.current().agents.values()} == {"Night desk"}
    # A call that began with the old one goes on with it.
    assert {agent.name for agent in before.agents.values()} == {"Reception"}


def test_an_edit_in_the_admin_reaches_it(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    warmup.warm()
    with django_capture_on_commit_callbacks(execute=True):
        agent = Agent.objects.get()
        agent.name = "Day desk"
        agent.save()
    assert warmup.refresh_if_stale() is True


def test_it_warms_up_when_it_never_was() -> None:
    assert warmup.refresh_if_stale() is True
    assert warmup.is_warm()


def test_it_keeps_the_last_good_snapshot_and_complains_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = warmup.warm()
    rename("Night desk")
    monkeypatch.setattr(warmup, "RETRY_SECONDS", 0.0)
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR, "catalog"):
        broken.setattr(warmup, "load_snapshot", failing(ValueError("no such stage")))
        assert warmup.refresh_if_stale() is False
        assert warmup.refresh_if_stale() is False
        assert "no such stage" in (warmup.problem() or "")
    assert warmup.current() is good
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert warmup.refresh_if_stale() is True
    assert warmup.problem() is None


def test_it_outlives_a_database_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    good = warmup.warm()
    with monkeypatch.context() as broken:
        broken.setattr(warmup, "newest_revision", failing(OperationalError("gone")))
        assert warmup.refresh_if_stale() is False
        assert "did not answer" in (warmup.problem() or "")
    assert warmup.current() is good
    assert warmup.refresh_if_stale() is False
    assert warmup.problem() is None


@contextmanager
def watching() -> Iterator[threading.Event]:
    """A process that follows the catalog; it has stopped when this ends."""
    stop = threading.Event()
    watcher = threading.Thread(target=warmup.watch, args=(stop, 0.001), daemon=True)
    watcher.start()
    try:
        yield stop
    finally:
        stop.set()
        watcher.join(10.0)
    assert not watcher.is_alive()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10.0
    while not holds():
        assert time.monotonic() < deadline, "That did not happen in time."
        time.sleep(0.005)


@pytest.mark.django_db(transaction=True)
def test_its_watch_goes_on_after_a_failure_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks: list[int] = []

    def answer() -> int:
        checks.append(1)
        raise OperationalError("gone")

    monkeypatch.setattr(warmup, "newest_revision", answer)
    with watching():
        eventually(lambda: len(checks) >= 3)


@pytest.mark.django_db(transaction=True)
def test_its_watch_outlives_a_database_that_cannot_be_told_who_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checks: list[int] = []
    monkeypatch.setattr(warmup, "newest_revision", lambda: checks.append(1) or 0)
    monkeypatch.setattr(ServingProcess, "save", failing(OperationalError("gone")))
    with watching():
        eventually(lambda: len(checks) >= 3)


@pytest.mark.django_db(transaction=True)
def test_its_watch_shows_this_process_with_its_revision_and_takes_it_away_at_the_end() -> None:
    make_agent("Vera")
    publish("A catalog")
    others = set(ServingProcess.objects.values_list("pk", flat=True))
    ours = ServingProcess.objects.exclude(pk__in=others)
    with watching():
        eventually(lambda: ours.filter(revision=newest_revision(), problem="").exists())
        make_agent("Otto", time_zone="Nowhere")
        eventually(lambda: ours.filter(problem__contains="A setting of Otto").exists())
        assert ours.get().revision == newest_revision() - 1
    assert not ours.exists()


def test_readers_never_wait_for_a_load(monkeypatch: pytest.MonkeyPatch) -> None:
    good = warmup.warm()
    loading, go_on = threading.Event(), threading.Event()

    def slow(revision: int) -> object:
        loading.set()
        assert go_on.wait(10.0)
        return good

    monkeypatch.setattr(warmup, "load_snapshot", slow)
    loader = threading.Thread(target=warmup.warm, daemon=True)
    loader.start()
    assert loading.wait(10.0)
    assert warmup.current() is good
    go_on.set()
    loader.join(10.0)
    assert not loader.is_alive()
