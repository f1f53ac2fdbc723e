"""What do the rows say? Five queries, each over the period that was asked for and no more."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import timezone as fixed_offset
from time import monotonic
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Least, Trunc
from django.utils import timezone

from calls.budgets import FIRST_AUDIO, REPLY
from calls.dashboard.asked import Asked
from calls.models import CallEvent, EndedBy, Figure, Metric, Status, Survey

EARLY_MS = 10_000
LATER = 60  # hang-ups from the 60th second on are one bar
ALWAYS_FRESH_DAYS = 31
KEPT_SECONDS = 60.0
MOST_KEPT = 50  # of a quarter, each takes a megabyte
OTHERWISE = -1  # not hung up by the caller
# As the list of calls has it under ?look=slow.
SLOW = Q(usual_reply_ms__gt=REPLY.most_ms) | Q(first_audio_ms__gt=FIRST_AUDIO.most_ms)
EARLY = Q(ended_by=EndedBy.CALLER, duration_ms__lt=EARLY_MS)

Buckets = Mapping[int, int]  # of calls/figures.py


@dataclass(frozen=True, slots=True)
class Clip:
    name: str
    version: int | None

    def __str__(self) -> str:
        return f"{self.name} v{self.version}" if self.version else self.name


@dataclass(frozen=True, slots=True)
class Step:
    """The calls that began within one hour or day."""

    ended_by: Counter[str]  # "" for those that go on
    early: int = 0
    slow: int = 0

    @property
    def calls(self) -> int:
        return self.ended_by.total()


@dataclass(frozen=True, slots=True)
class Numbers:
    slots: tuple[datetime, ...]
    steps: Mapping[datetime, Step]
    latencies: Mapping[Metric, Mapping[datetime, Buckets]]
    hang_ups: Mapping[Clip, Counter[int]]  # by second; OTHERWISE for all other calls
    errors: Mapping[str, Counter[datetime]]  # by provider
    scores: Counter[int]

    @property
    def whole(self) -> Step:
        steps = self.steps.values()
        ended_by = sum((step.ended_by for step in steps), Counter[str]())
        return Step(ended_by, sum(step.early for step in steps), sum(step.slow for step in steps))


def numbers(asked: Asked) -> Numbers:
    """Those of more than a month are worked out once a minute, in each process."""
    if len(asked.period.days) <= ALWAYS_FRESH_DAYS:
        return _numbers(asked)
    now, whose = monotonic(), (asked.period.first, asked.period.last, asked.agent_key, asked.number)
    kept = _kept.get(whose)
    if kept is not None and now - kept[0] < KEPT_SECONDS:
        return kept[1]
    found = _numbers(asked)
    if len(_kept) >= MOST_KEPT:
        _kept.clear()
    _kept[whose] = (now, found)
    return found


def _numbers(asked: Asked) -> Numbers:
    return Numbers(
        slots=asked.period.slots(),
        steps=_steps(asked),
        latencies=_latencies(asked),
        hang_ups=_hang_ups(asked),
        errors=_errors(asked),
        scores=_scores(asked),
    )


_kept: dict[tuple[object, ...], tuple[float, Numbers]] = {}


def _slot(asked: Asked, field: str) -> Any:
    """When the step began in which it lies, as `Period.slots` counts them.

    Hours are counted on from the first midnight: on the clock of a zone, one of them comes twice in
    a night of autumn.
    """
    if asked.period.by_hour:
        midnight = asked.period.start
        return Trunc(field, "hour", tzinfo=fixed_offset(midnight.utcoffset() or timedelta()))
    return Trunc(field, "day", tzinfo=timezone.get_current_timezone())


def _steps(asked: Asked) -> dict[datetime, Step]:
    rows = (
        asked.calls()
        .annotate(slot=_slot(asked, "created_at"))
        .values_list("slot", "ended_by", "status")
        .annotate(calls=Count("pk"), early=Count("pk", filter=EARLY), slow=Count("pk", filter=SLOW))
    )
    found: dict[datetime, Step] = {}
    for slot, ended_by, status, calls, early, slow in rows:
        before = found.get(slot, Step(Counter()))
        # Over without a word on who ended it: Twilio or the reaper closed it.
        failed = status == Status.FAILED and not ended_by
        counted = before.ended_by + Counter({EndedBy.ERROR if failed else ended_by: calls})
        found[slot] = Step(counted, before.early + early, before.slow + slow)
    return found


def _latencies(asked: Asked) -> dict[Metric, dict[datetime, dict[int, int]]]:
    period = asked.period
    figures = Figure.objects.filter(hour__gte=period.start, hour__lt=period.end)
    if asked.agent_key is not None:
        figures = figures.filter(agent_key=asked.agent_key)
    if asked.number:
        figures = figures.filter(to_number=asked.number)
    rows = (
        figures.annotate(slot=_slot(asked, "hour"))
        .values_list("metric", "slot", "bucket")
        .annotate(many=Sum("count"))
        .order_by()
    )
    found: dict[Metric, dict[datetime, dict[int, int]]] = {
        metric: defaultdict(dict) for metric in Metric
    }
    for metric, slot, bucket, count in rows:
        found[Metric(metric)][slot][bucket] = count
    return found


def _hang_ups(asked: Asked) -> dict[Clip, Counter[int]]:
    second = Case(
        When(ended_by=EndedBy.CALLER, then=Least(F("duration_ms") / 1_000, Value(LATER))),
        default=Value(OTHERWISE),
        output_field=IntegerField(),
    )
    rows = (
        asked.calls()
        .filter(started_at__isnull=False, ended_at__isnull=False)
        .annotate(second=second)
        .values_list("clip_name", "clip_version", "second")
        .annotate(many=Count("pk"))
    )
    found: dict[Clip, Counter[int]] = defaultdict(Counter)
    for name, version, at, calls in rows:
        found[Clip(name, version)][OTHERWISE if at is None else at] += calls
    return found


def _errors(asked: Asked) -> dict[str, Counter[datetime]]:
    """As calls/line.py writes them: "stt error", "llm error", "tts error"."""
    rows = (
        CallEvent.objects.filter(name__endswith=" error", **asked.of_calls("call__"))
        .annotate(slot=_slot(asked, "call__created_at"))
        .values_list("name", "slot")
        .annotate(many=Count("pk"))
        .order_by()
    )
    found: dict[str, Counter[datetime]] = defaultdict(Counter)
    for name, slot, events in rows:
        found[name.removesuffix(" error")][slot] += events
    return found


def _scores(asked: Asked) -> Counter[int]:
    rows = (
        Survey.objects.filter(score__isnull=False, **_of_surveys(asked))
        .values_list("score")
        .annotate(many=Count("pk"))
        .order_by()
    )
    return Counter({score: surveys for score, surveys in rows if score is not None})


def _of_surveys(asked: Asked) -> dict[str, Any]:
    """By when they were asked, which is when their call ended: that joins no calls."""
    lookups = asked.of_calls("call__")
    lookups["asked_at__gte"] = lookups.pop("call__created_at__gte")
    lookups["asked_at__lt"] = lookups.pop("call__created_at__lt")
    return lookups
