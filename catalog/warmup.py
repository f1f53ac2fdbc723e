"""The snapshot every call of this process works from: loaded once, replaced whole."""

import logging
import threading
import time
from contextlib import suppress

from django.db import Error, OperationalError, ProgrammingError, connections
from django.utils.translation import gettext as _

from catalog import spoken_fallbacks
from catalog.mcp_presence import McpPresence
from catalog.presence import Presence
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import (
    SnapshotInvalid,
    load_snapshot,
    newest_revision,
    revisions_before,
)
from catalog.tools import mcp, spoken_times

logger = logging.getLogger(__name__)

MOST_REVISIONS_TRIED = 20
# A build that fails after 40 clips takes 23 ms of processor time; a process that has no snapshot
# and finds none that is good, 550 ms. Nobody mends a revision in place: the next is tried at once.
RETRY_SECONDS = 5.0

# Readers take the reference without the lock: a swap is one assignment.
_snapshot: CatalogSnapshot | None = None
_problem: str | None = None
_unusable: int | None = None  # a revision that is left alone until _retry_at, or a newer one
_retry_at = 0.0
_building = threading.Lock()


class CatalogNotReady(Exception):
    """There is no snapshot to work from; the message says what to do."""


def warm() -> CatalogSnapshot:
    """Load the newest catalog and make it the current one.

    Raises CatalogNotReady if there is none, and SnapshotInvalid if calls could not be served from
    it: then the newest good one before it is used, which may be the one in use already.
    """
    with _building:
        started = time.monotonic()
        try:
            newest = newest_revision()
            try:
                loaded = load_snapshot(newest)
            except SnapshotInvalid:
                _use(_newest_good_before(newest))
                raise
        except (OperationalError, ProgrammingError) as error:
            raise CatalogNotReady(
                "The catalog cannot be read: is the database up? If it is, run manage.py migrate."
            ) from error
        _use(loaded)
    logger.info(
        "Catalog revision %d loaded in %.0f ms: %d agents, %d numbers, %d tools.",
        loaded.revision,
        (time.monotonic() - started) * 1000,
        len(loaded.agents),
        len(loaded.numbers),
        len(loaded.tools),
    )
    return loaded


def _use(snapshot: CatalogSnapshot | None) -> None:
    global _snapshot
    if snapshot is not None:
        spoken_fallbacks.prepare()
        spoken_times.prepare(agent.language for agent in snapshot.agents.values())
    _snapshot = snapshot
    mcp.follow(snapshot.mcp_servers if snapshot else ())


def _newest_good_before(revision: int) -> CatalogSnapshot | None:
    for older in revisions_before(revision, MOST_REVISIONS_TRIED):
        if _snapshot is not None and older <= _snapshot.revision:
            break
        try:
            return load_snapshot(older)
        except SnapshotInvalid:
            continue
    return _snapshot


def current() -> CatalogSnapshot:
    if _snapshot is None:
        raise CatalogNotReady("The catalog is not loaded yet: the server is still warming up.")
    return _snapshot


def is_warm() -> bool:
    return _snapshot is not None


def problem() -> str | None:
    """Why the newest edits are not in use, in a sentence; None when they are."""
    return _problem


def refresh_if_stale() -> bool:
    """Whether the newest catalog was put in use. Whatever fails, the last good one stays."""
    newest = 0
    try:
        newest = newest_revision()
        if _snapshot is not None and newest == _snapshot.revision:
            _note(None)
            return False
        if newest == _unusable and time.monotonic() < _retry_at:
            return False
        warm()
    except (CatalogNotReady, Error) as error:
        _note(_("The database did not answer: %(error)s.") % {"error": type(error).__name__})
    except SnapshotInvalid as error:
        _try_later(newest)
        _note(str(error))
    except Exception as error:  # One bad row must not take the agents of all calls away.
        _try_later(newest)
        why = f"{type(error).__name__}: {error}"
        _note(_("The newest catalog cannot be used (%(why)s).") % {"why": why}, error)
    else:
        _note(None)
        return True
    return False


def watch(stop: threading.Event, every_seconds: float = 1.0) -> None:
    """Keep this process up to date until `stop` is set; meant for a daemon thread."""
    presence, remote_servers = Presence(), McpPresence()
    while not stop.wait(every_seconds):
        refresh_if_stale()
        # A database that is away is told by the refresh; the row of this process can wait.
        with suppress(Error):
            presence.show(_snapshot.revision if _snapshot else None, _problem or "")
            remote_servers.show(presence.process_id, mcp.states())
        # A connection held between checks would outlive a restart of the database, unnoticed.
        with suppress(Error):
            connections.close_all()
    with suppress(Error):
        presence.leave()
        connections.close_all()
    mcp.stop()


def _try_later(revision: int) -> None:
    global _unusable, _retry_at
    _unusable, _retry_at = revision, time.monotonic() + RETRY_SECONDS


def _note(problem: str | None, error: Exception | None = None) -> None:
    """Log a problem when it appears, not once a second while it lasts."""
    global _problem
    if problem == _problem:
        return
    if problem is not None:
        logger.error("%s The last good catalog stays in use.", problem, exc_info=error)
    elif _problem is not None:
        logger.info("The catalog is up to date again.")
    _problem = problem
