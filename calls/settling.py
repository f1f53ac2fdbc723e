"""A call that is over is counted into the figures, once, and its words become searchable.

What comes of it later still is for calls/counted_late.py.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from statistics import median

from django.db import transaction
from django.utils import timezone

from calls import metrics
from calls.aftercare.begin import begin_aftercare
from calls.call_rows import settled
from calls.figure_rows import Key, add, rows_of
from calls.models import OVER, Call, CallWords, Metric

MOST_AT_ONCE = 200
# The last lines of a call are written after its end, and a process may still replay its journal.
QUIET_SECONDS = 3.0


def settle() -> int:
    """Count what is over and was not counted. How many calls that were."""
    total = 0
    while True:
        done = _settle_some()
        total += done
        if done < MOST_AT_ONCE:
            return total


@transaction.atomic
def _settle_some() -> int:
    before = timezone.now() - timedelta(seconds=QUIET_SECONDS)
    waiting = Call.objects.filter(status__in=OVER, settled_at__isnull=True, ended_at__lt=before)
    # Two servers do this at once: what one has locked, the other leaves to it.
    locked = waiting.select_for_update(skip_locked=True).order_by("ended_at")[:MOST_AT_ONCE]
    calls = list(locked)
    if not calls:
        return 0
    words: dict[int, list[str]] = {call.pk: [] for call in calls}
    replies: dict[int, list[float]] = {call.pk: [] for call in calls}
    for call in Call.objects.filter(pk__in=words).prefetch_related("utterances"):
        for line in call.utterances.all():
            words[call.pk].append(line.text)
            if line.reply_ms is not None:
                replies[call.pk].append(line.reply_ms)
    _count(calls, replies)
    CallWords.objects.bulk_create(
        [CallWords(call_id=pk, text="\n".join(lines)) for pk, lines in words.items() if lines],
        update_conflicts=True,
        unique_fields=["call"],
        update_fields=["text"],
    )
    settled({pk: median(ms) if ms else None for pk, ms in replies.items()})
    begin_aftercare(calls, frozenset(pk for pk, lines in words.items() if lines))
    ended = Counter(call.ended_by for call in calls)
    transaction.on_commit(lambda: _count_on_metrics(ended))
    return len(calls)


def _count_on_metrics(ended: Counter[str]) -> None:
    """Not when a row is closed: the session's word may come after Twilio's, and be another."""
    for by, count in ended.items():
        metrics.calls_ended.labels(by=by).inc(count)


def _count(calls: Iterable[Call], replies: dict[int, list[float]]) -> None:
    counts: Counter[Key] = Counter()
    for call in calls:
        counts += rows_of(call, Metric.FIRST_AUDIO, [call.first_audio_ms])
        counts += rows_of(call, Metric.READY, [call.agent_ready_ms])
        counts += rows_of(call, Metric.REPLY, replies[call.pk])
    add(counts)
