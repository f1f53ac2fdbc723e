"""A call whose phone rang at another process: its ticket, made anew from what was shared."""

import asyncio
import logging
import time

from django.db import Error, connections

from calls.caller_context import AdoptedPrefetch
from calls.tickets import CallTicket, SharedTicket
from catalog import warmup as catalog_warmup
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot

logger = logging.getLogger(__name__)

LOADING_SECONDS = 0.5  # the caller hears nothing meanwhile; the revision in use is as good


async def adopt(shared: SharedTicket) -> CallTicket | None:
    """None when this process has no such agent: then the caller cannot be served here."""
    snapshot = await _snapshot_of(shared.revision)
    agent = None if snapshot is None else snapshot.agents.get(shared.agent_id)
    if snapshot is None or agent is None:
        return None
    return CallTicket(
        call_sid=shared.call_sid,
        account_sid=shared.account_sid,
        caller_number=shared.caller_number,
        agent=agent,
        snapshot=snapshot,
        prefetch=AdoptedPrefetch(
            shared.call_sid, shared.caller_number, age_seconds=time.time() - shared.rang_at
        ),
        shared=True,
    )


async def _snapshot_of(revision: int) -> CatalogSnapshot | None:
    """The revision the phone rang with, or the one in use if that cannot be had at once."""
    current = catalog_warmup.current() if catalog_warmup.is_warm() else None
    if current is not None and current.revision == revision:
        return current
    try:
        async with asyncio.timeout(LOADING_SECONDS):
            return await asyncio.to_thread(_load, revision)
    except (SnapshotInvalid, Error, TimeoutError) as error:
        logger.warning("Revision %d is not at hand: %s.", revision, type(error).__name__)
        return current


def _load(revision: int) -> CatalogSnapshot:
    try:
        return load_snapshot(revision)
    finally:
        connections.close_all()
