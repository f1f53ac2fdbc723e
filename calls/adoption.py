"""A call whose phone rang at another process: its ticket, made anew from what was shared."""

import asyncio
import logging
import time
from dataclasses import dataclass

from django.db import Error, connections

from calls.call_log import call_log
from calls.caller_context import AdoptedPrefetch, Prefetch
from calls.happenings import Milestone
from calls.shared_ticket import SharedTicket
from calls.tickets import CallTicket
from catalog import warmup as catalog_warmup
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot

logger = logging.getLogger(__name__)

LOADING_SECONDS = 0.5  # the caller hears nothing meanwhile; the revision in use is as good


async def adopt(shared: SharedTicket) -> CallTicket | None:
    """None when this process has no such agent: then the caller cannot be served here."""
    found = await _snapshot_of(shared.revision)
    agent = None if found is None else found.snapshot.agents.get(shared.agent_id)
    if found is None or agent is None:
        return None
    if not shared.resumes:  # Then what resumes it says so, once, however often it was asked for.
        call_log.post(Milestone(shared.call_sid, found.milestone, detail=_detail(shared, found)))
    return CallTicket(
        call_sid=shared.call_sid,
        account_sid=shared.account_sid,
        caller_number=shared.caller_number,
        agent=agent,
        snapshot=found.snapshot,
        prefetch=_look_up(shared),
        resumes=shared.resumes,
        minted_at=time.monotonic() - max(0.0, time.time() - shared.rang_at),
        shared=True,
    )


def _look_up(shared: SharedTicket) -> Prefetch:
    if shared.resumes:
        return Prefetch(None)  # Whoever resumes the call looks anew.
    age_seconds = time.time() - shared.rang_at
    return AdoptedPrefetch(shared.call_sid, shared.caller_number, age_seconds=age_seconds)


@dataclass(frozen=True, slots=True)
class _Found:
    """What this process serves the call from, and what its record says of that."""

    snapshot: CatalogSnapshot
    milestone: str


async def _snapshot_of(revision: int) -> _Found | None:
    """The revision the phone rang with, or the one in use if that cannot be had at once."""
    current = catalog_warmup.current() if catalog_warmup.is_warm() else None
    if current is not None and current.revision == revision:
        return _Found(current, "taken over")
    try:
        async with asyncio.timeout(LOADING_SECONDS):
            loaded = await asyncio.to_thread(_load, revision)
            return _Found(loaded, "taken over, catalog read anew")
    except (SnapshotInvalid, Error, TimeoutError) as error:
        logger.warning("Revision %d is not at hand: %s.", revision, type(error).__name__)
        return None if current is None else _Found(current, "taken over, another catalog")


def _detail(shared: SharedTicket, found: _Found) -> str:
    """The revision; both, if the phone rang with another."""
    used = found.snapshot.revision
    return str(used) if used == shared.revision else f"{shared.revision} → {used}"


def _load(revision: int) -> CatalogSnapshot:
    try:
        return load_snapshot(revision)
    finally:
        connections.close_all()
