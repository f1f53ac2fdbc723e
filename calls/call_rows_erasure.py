"""What of a call's rows goes when its words are erased, and what must not come back afterwards.

What stays says nothing of a person: times, figures, outcomes, tags and scores.
"""

import dataclasses
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from calls.happenings import (
    CallRang,
    CustomerKnown,
    Happening,
    Milestone,
    Said,
    StreamReported,
    Summarised,
    ToolRan,
    TurnedAway,
)
from calls.models import (
    Call,
    CallEvent,
    CallReview,
    CallWords,
    DeliveryState,
    RecordingState,
    Survey,
    ToolRun,
    Utterance,
    WebhookDelivery,
)

# There is a file, or one may still come. One that was withheld, or failed, has none.
_COMING = (RecordingState.RUNNING, RecordingState.COMPRESSING)
_RECORDED = ~Q(recording_state=RecordingState.ERASED) & (
    ~Q(recording="") | Q(recording_state__in=_COMING)
)


@dataclasses.dataclass(frozen=True, slots=True)
class Erased:
    """How much of each kind went."""

    calls: int = 0
    utterances: int = 0
    tool_runs: int = 0
    reviews: int = 0
    surveys: int = 0

    def __add__(self, other: "Erased") -> "Erased":
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return Erased(*(one + another for one, another in pairs))


@transaction.atomic
def erase_words(among: QuerySet[Call], most: int, *, leave_locked: bool) -> Erased:
    """Of at most so many of these calls, whose words are there until now. None are left when it
    erases none. `leave_locked`: what somebody else writes at this moment is theirs, or next.
    """
    waiting = among.filter(erased_at__isnull=True).order_by("pk")
    locked = waiting.select_for_update(skip_locked=leave_locked)
    keys = list(locked.values_list("pk", flat=True)[:most])
    if not keys:
        return Erased()
    of_them = {"call__in": keys}
    utterances, _by_model = Utterance.objects.filter(**of_them).delete()
    CallWords.objects.filter(**of_them).delete()
    CallEvent.objects.filter(**of_them).exclude(detail="").update(detail="")
    runs = ToolRun.objects.filter(**of_them).update(arguments={}, result={})
    reviews = CallReview.objects.filter(**of_them).exclude(note="").update(note="")
    WebhookDelivery.objects.filter(**of_them).exclude(problem="").update(problem="")
    calls = Call.objects.filter(pk__in=keys)
    calls.update(
        customer_name="", customer_key="", summary="", details={}, erased_at=timezone.now()
    )
    # The number stays as long as the voice: without it, nobody could erase that when asked to.
    calls.exclude(_RECORDED).update(from_number="")
    return Erased(len(keys), utterances, runs, reviews)


@transaction.atomic
def erase_opinions(keys: Sequence[int]) -> Erased:
    """What was asked of the caller and noted about them; and nobody is told of these calls."""
    surveys, _by_model = Survey.objects.filter(call__in=keys).delete()
    noted = CallReview.objects.filter(call__in=keys).exclude(note="", tags="")
    reviews = noted.update(note="", tags="")
    waiting = WebhookDelivery.objects.filter(call__in=keys, state=DeliveryState.WAITING)
    waiting.update(state=DeliveryState.GIVEN_UP, next_attempt_at=None)
    return Erased(surveys=surveys, reviews=reviews)


def recorded(among: QuerySet[Call]) -> QuerySet[Call]:
    """Those with a recording, or with one to come."""
    return among.filter(_RECORDED)


@transaction.atomic
def withhold_recordings(keys: Collection[int]) -> int:
    """Nobody hears these from now on. Where their files are stays, until those are gone too."""
    calls = Call.objects.filter(pk__in=keys)
    withheld = calls.filter(_RECORDED).update(recording_state=RecordingState.ERASED)
    calls.filter(erased_at__isnull=False).update(from_number="")
    return withheld


def number_has_no_use(call: Call) -> bool:
    """Its words are erased, and there is no voice that has to be found by the number."""
    coming = call.recording_state in _COMING
    is_file = bool(call.recording) and call.recording_state != RecordingState.ERASED
    return call.erased_at is not None and not (coming or is_file)


def recording_is_gone(key: int, path: str) -> None:
    """Of this call, the file that was there: another may have come meanwhile."""
    Call.objects.filter(pk=key, recording=path).update(recording="")


def without_words(happening: Happening) -> Happening | None:
    """What of this may be written to a call whose words are erased: a journal can be late."""
    match happening:
        case CallRang() | TurnedAway():
            return dataclasses.replace(happening, from_number="")
        case Said() | CustomerKnown() | Summarised():
            return None
        case ToolRan():
            return dataclasses.replace(happening, arguments={}, result={})
        case Milestone() | StreamReported():
            return dataclasses.replace(happening, detail="")
        case _:
            return happening
