"""Load everything a call needs before the first one rings, part by part."""

import asyncio
import gc
import importlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db import connections

from calls import metrics
from catalog import warmup as catalog_warmup
from catalog.snapshot import AgentSpec
from catalog.tools import mcp
from customers import directory, phone

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent
    from calls.pipeline.warm_sockets import WarmSockets

logger = logging.getLogger(__name__)

WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the warm-up: how long it took, and why it failed if it did."""

    name: str
    ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`ready`: the warm-up is done, and there is a catalog to answer calls from."""

    ready: bool
    parts: tuple[Part, ...]


class _Progress:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.started = False
        self.done = threading.Event()
        self.stopped = threading.Event()
        self.watching: threading.Thread | None = None
        self.lock = threading.Lock()


_progress = _Progress()


def warm() -> None:
    """Called when the apps are loaded: warm this process up, if it serves calls, in a thread.

    The thread waits until Django is ready, so no query runs during initialisation, and the server
    can say "not ready yet" meanwhile.
    """
    if not settings.SERVES_CALLS or not _begin():
        return
    threading.Thread(target=_warm_when_apps_are_ready, name="warm-up", daemon=True).start()


def warm_now() -> Report:
    """The same in this thread. Does nothing the second time."""
    if _begin():
        _warm()
    _progress.done.wait()
    return report()


def stop() -> None:
    """Stop following the catalog: this process is about to end. Takes 2 s at most."""
    _progress.stopped.set()
    if _progress.watching is not None:
        _progress.watching.join(2.0)


def is_under_way() -> bool:
    """Whether this process is warming up now; one that serves no calls never does."""
    return _progress.started and not _progress.done.is_set()


def report() -> Report:
    done = _progress.done.is_set()
    return Report(
        done and (catalog_warmup.is_warm() or not settings.EAGER_TOOL_LOADING),
        tuple(_progress.parts),
    )


async def ensure_catalog() -> None:
    """With EAGER_TOOL_LOADING=false the first call loads the catalog, or the last good one.

    Where there is none, catalog.warmup.problem() says why.
    """
    if not catalog_warmup.is_warm():
        await asyncio.to_thread(_in_thread, catalog_warmup.refresh_if_stale)


async def agent_builder() -> "Callable[..., Agent]":
    """calls.pipeline.build.build_agent, with everything it needs loaded."""
    if "calls.pipeline.build" not in _loaded:
        await asyncio.to_thread(_load_pipeline)
    return _loaded["calls.pipeline.build"]  # type: ignore[no-any-return]


def warm_sockets(agent: AgentSpec) -> "WarmSockets | None":
    """Begin to open what the pipeline of this agent will need. None before there is any."""
    opener = _loaded.get("calls.pipeline.warm_sockets")
    return None if opener is None else opener.for_agent(agent)


_loaded: dict[str, Any] = {}


def _begin() -> bool:
    with _progress.lock:
        first, _progress.started = not _progress.started, True
    return first


def _warm_when_apps_are_ready() -> None:
    apps.ready_event.wait()
    _warm()


def _warm() -> None:
    if settings.EAGER_TOOL_LOADING:
        started_at = time.monotonic()
        for name, load in PARTS:
            _progress.parts.append(_warm_part(name, load))
        logger.info("Warm-up took %.0f ms.", (time.monotonic() - started_at) * 1000.0)
    _progress.done.set()
    metrics.warm.set(1)
    _progress.watching = threading.Thread(
        target=catalog_warmup.watch,
        args=(_progress.stopped, WATCH_SECONDS),
        name="catalog watch",
        daemon=True,
    )
    _progress.watching.start()


def _warm_part(name: str, load: Callable[[], object]) -> Part:
    started_at = time.monotonic()
    error = None
    try:
        _in_thread(load)
    except Exception as exception:  # A part that fails degrades alone, and /readyz shows it.
        logger.exception("Warm-up of %s failed.", name)
        error = f"{type(exception).__name__}: {exception}"
    ms = (time.monotonic() - started_at) * 1000.0
    logger.info("Warm-up of %s: %.0f ms.", name, ms)
    return Part(name, ms, error)


def _in_thread(load: Callable[[], object]) -> None:
    """Run a loader and leave no database connection behind in its thread."""
    try:
        load()
    finally:
        connections.close_all()


def _load_pipeline() -> None:
    """Import Pipecat and what a call uses of it: 4 s of imports that no caller should wait for."""
    importlib.import_module("calls.pipecat_logging").quiet()
    build = importlib.import_module("calls.pipeline.build")
    _loaded["calls.pipeline.models"] = importlib.import_module("calls.pipeline.models")
    _loaded["calls.pipeline.priming"] = importlib.import_module("calls.pipeline.priming")
    _loaded["calls.pipeline.warm_sockets"] = importlib.import_module("calls.pipeline.warm_sockets")
    _loaded["calls.pipeline.build"] = build.build_agent


def _prime(what: str) -> Callable[[], object]:
    return lambda: getattr(_loaded["calls.pipeline.priming"], what)()


def _load_worker() -> None:
    """What is done after calls begins when the server is ready: that is no time for imports."""
    importlib.import_module("django_tasks_db.management.commands.db_worker")


def _freeze() -> None:
    # A full collection paused all calls for 182 ms (228,000 objects). Frozen, it finds few.
    gc.collect()
    gc.freeze()


PARTS: tuple[tuple[str, Callable[[], object]], ...] = (
    ("catalog", catalog_warmup.warm),
    ("pipeline imports", _load_pipeline),
    ("speech models", _prime("speech_models_once")),
    ("model client", _prime("openai_once")),
    ("first pipeline", _prime("pipeline_once")),
    ("phone numbers", phone.prepare),
    ("customer directory", directory.prepare),
    ("remote tools", mcp.prepare),
    ("task worker", _load_worker),
    ("garbage collector", _freeze),
)
