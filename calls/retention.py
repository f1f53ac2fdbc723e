"""What was kept for as long as its agent says goes: words, and recordings.

A term counts from the moment the phone rang. Agents without a term keep everything, and so do calls
whose agent was deleted: nobody is left to say for how long.
"""

import logging
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from calls.call_rows_erasure import (
    Erased,
    erase_words,
    recorded,
    recording_is_gone,
    withhold_recordings,
)
from calls.models import OVER, Call, RecordingState
from calls.recording import shelf
from catalog.models import Agent

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 200
# A storage that lets each deletion wait for its timeout would hold up the other chores for hours.
MOST_SECONDS_OF_FAILURES = 30.0
BUDGET_SECONDS = 10.0  # of a server's chores, which have lost calls to close as well


@dataclass(slots=True)
class Purged:
    """What went, or what would go, and how many files could not be deleted yet."""

    words: Erased = field(default_factory=Erased)
    recordings: int = 0
    files_left: int = 0


def due() -> Purged:
    """What a purge of this moment would find."""
    words = sum(calls.filter(erased_at__isnull=True).count() for calls in _words_due())
    recordings = sum(calls.count() for calls in _recordings_due())
    return Purged(Erased(calls=words), recordings, _files_to_delete().count())


def purge_a_while() -> Purged:
    """A chore: what is left after this time is for the next round."""
    return purge(BUDGET_SECONDS)


def purge(most_seconds: float | None = None) -> Purged:
    """Several at once share the work. What a failing storage keeps is tried again by the next."""
    until = None if most_seconds is None else time.monotonic() + most_seconds
    purged = Purged()
    for calls in _words_due():
        while _is_time_left(until):
            erased = erase_words(calls, MOST_AT_ONCE, leave_locked=True)
            purged.words += erased
            if not erased.calls:
                break
    for calls in _recordings_due():
        while _is_time_left(until):
            keys = list(calls.values_list("pk", flat=True)[:MOST_AT_ONCE])
            purged.recordings += withhold_recordings(keys)
            if not keys:
                break
    purged.files_left = delete_files(_files_to_delete(), until)
    if purged.words.calls or purged.recordings or purged.files_left:
        logger.info(
            "Kept long enough: the words of %d calls and %d recordings were erased; %d files could "
            "not be deleted yet.",
            purged.words.calls,
            purged.recordings,
            purged.files_left,
        )
    return purged


def delete_files(of: QuerySet[Call], until: float | None = None) -> int:
    """Those of recordings that nobody may hear any more. How many could not be deleted."""
    waiting = list(of.values_list("pk", "recording"))
    # One that never can be deleted must not stand before all the others in every round.
    random.shuffle(waiting)
    left = failures = 0
    failing_seconds = 0.0
    for key, path in waiting:
        if failing_seconds > MOST_SECONDS_OF_FAILURES or not _is_time_left(until):
            left += 1
            continue
        began = time.monotonic()
        try:
            shelf.delete(path)
        except Exception:  # A root: storages raise what they like, and the next file may go.
            left, failures = left + 1, failures + 1
            failing_seconds += time.monotonic() - began
            if failures == 1:
                logger.exception("A recording could not be deleted; it is tried again.")
            continue
        recording_is_gone(key, path)
    return left


def _is_time_left(until: float | None) -> bool:
    return until is None or time.monotonic() < until


def _words_due() -> Iterator[QuerySet[Call]]:
    for key, days in _terms("keep_transcripts_days"):
        yield _older_than(key, days).filter(erased_at__isnull=True)


def _recordings_due() -> Iterator[QuerySet[Call]]:
    for key, days in _terms("keep_recordings_days"):
        yield recorded(_older_than(key, days))


def _terms(name: str) -> list[tuple[int, int]]:
    return list(Agent.objects.filter(**{f"{name}__isnull": False}).values_list("pk", name))


def _older_than(agent_key: int, days: int) -> QuerySet[Call]:
    before = timezone.now() - timedelta(days=days)
    return Call.objects.filter(
        agent_key=agent_key, created_at__lt=before, status__in=OVER
    ).order_by("pk")


def _files_to_delete() -> QuerySet[Call]:
    return Call.objects.filter(recording_state=RecordingState.ERASED).exclude(recording="")
