"""Warm-up: part by part, once, and never in the way of a process that serves no calls."""

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError

from calls import metrics, warmup
from catalog import warmup as catalog_warmup

PATIENCE_SECONDS = 5.0


class Loads:
    """Parts of a warm-up that note that they ran, and fail when told to."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.threads: set[str] = set()

    def part(self, name: str, problem: Exception | None = None) -> tuple[str, Callable[[], None]]:
        def load() -> None:
            self.ran.append(name)
            self.threads.add(threading.current_thread().name)
            if problem is not None:
                raise problem

        return name, load


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch, settings) -> Loads:
    """A process that has not warmed up yet, with two quick parts, and a catalog that is there."""
    settings.SERVES_CALLS = True
    settings.EAGER_TOOL_LOADING = True
    loads = Loads()
    monkeypatch.setattr(warmup, "_progress", warmup._Progress())
    monkeypatch.setattr(warmup, "PARTS", (loads.part("one"), loads.part("two")))
    monkeypatch.setattr(catalog_warmup, "watch", lambda stop, every_seconds: None)
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: True)
    return loads


def test_it_is_not_ready_before_it_began(loads: Loads) -> None:
    assert warmup.report() == warmup.Report(ready=False, parts=())


def test_it_loads_every_part_in_order_and_times_it(loads: Loads) -> None:
    report = warmup.warm_now()
    assert report.ready
    assert loads.ran == [part.name for part in report.parts] == ["one", "two"]
    assert all(part.ms >= 0.0 and part.error is None for part in report.parts)
    assert metrics.registry.get_sample_value("warm") == 1.0


def test_it_loads_nothing_the_second_time(loads: Loads) -> None:
    first = warmup.warm_now()
    warmup.warm()
    assert warmup.warm_now() == first
    assert loads.ran == ["one", "two"]


def test_a_part_that_fails_degrades_alone_and_is_shown(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = loads.part("broken", OSError("no such model"))
    monkeypatch.setattr(warmup, "PARTS", (loads.part("one"), broken, loads.part("two")))
    report = warmup.warm_now()
    assert loads.ran == ["one", "broken", "two"]
    assert [part.error for part in report.parts] == [None, "OSError: no such model", None]
    assert report.ready


def test_it_does_nothing_in_a_process_that_serves_no_calls(loads: Loads, settings) -> None:
    settings.SERVES_CALLS = False
    warmup.warm()
    assert not warmup._progress.started
    assert warmup.report().ready is False


def test_it_runs_in_a_thread_of_its_own_when_the_apps_are_loaded(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmup.warm()
    assert warmup._progress.done.wait(PATIENCE_SECONDS)
    assert loads.threads == {"warm-up"}
    assert warmup.report().ready


def test_it_waits_until_django_is_ready(loads: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Event()
    monkeypatch.setattr(warmup, "apps", type("Apps", (), {"ready_event": ready}))
    warmup.warm()
    assert not warmup._progress.done.wait(0.05)
    assert loads.ran == []
    ready.set()
    assert warmup._progress.done.wait(PATIENCE_SECONDS)
    assert loads.ran == ["one", "two"]


def test_it_loads_nothing_ahead_when_it_was_switched_off(loads: Loads, settings) -> None:
    settings.EAGER_TOOL_LOADING = False
    report = warmup.warm_now()
    assert (report.ready, report.parts, loads.ran) == (True, (), [])


async def test_the_first_call_loads_the_catalog_when_nothing_was_loaded_ahead(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded_in: list[Any] = []
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: bool(loaded_in))
    monkeypatch.setattr(
        catalog_warmup, "refresh_if_stale", lambda: loaded_in.append(threading.current_thread())
    )
    await warmup.ensure_catalog()
    await warmup.ensure_catalog()
    assert len(loaded_in) == 1
    assert loaded_in[0] is not threading.current_thread(), "the event loop must not wait for it"


def test_it_is_not_ready_without_tables_and_says_why(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_tables() -> None:
        raise ProgrammingError("no such table: catalog_agent")

    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: False)
    monkeypatch.setattr(catalog_warmup, "newest_revision", no_tables)
    monkeypatch.setattr(warmup, "PARTS", (("catalog", catalog_warmup.warm), loads.part("two")))
    report = warmup.warm_now()
    assert not report.ready
    assert loads.ran == ["two"]
    assert "manage.py migrate" in (report.parts[0].error or "")


def test_it_becomes_ready_when_the_catalog_can_be_read_at_last(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: False)
    assert not warmup.warm_now().ready
    monkeypatch.setattr(catalog_warmup, "is_warm", lambda: True)  # The watch has loaded it.
    assert warmup.report().ready


def test_it_keeps_watching_the_catalog_once_it_is_done(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = threading.Event()
    monkeypatch.setattr(catalog_warmup, "watch", lambda stop, every_seconds: watching.set())
    warmup.warm_now()
    assert watching.wait(PATIENCE_SECONDS)


async def test_it_builds_agents_without_importing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load() -> None:
        loaded.append(threading.current_thread().name)
        warmup._loaded["calls.pipeline.build"] = "the builder"

    monkeypatch.setattr(warmup, "_loaded", {})
    monkeypatch.setattr(warmup, "_load_pipeline", load)
    assert await warmup.agent_builder() == await warmup.agent_builder() == "the builder"
    assert len(loaded) == 1
    assert loaded != [threading.current_thread().name]


def test_it_stops_watching_when_the_process_is_about_to_end(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops: queue.SimpleQueue[threading.Event] = queue.SimpleQueue()
    monkeypatch.setattr(catalog_warmup, "watch", lambda stop, every_seconds: stops.put(stop))
    warmup.warm_now()
    stop = stops.get(timeout=PATIENCE_SECONDS)
    assert not stop.is_set()
    warmup.stop()
    assert stop.is_set()
