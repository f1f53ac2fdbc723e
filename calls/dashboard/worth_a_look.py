"""Which calls should a manager open first? A few of each kind, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from calls.budgets import REPLY
from calls.dashboard.asked import Asked
from calls.durations import milliseconds as readable
from calls.models import Call, CallReview, EndedBy, Survey

OF_EACH_KIND = 3
UNHAPPY = 2  # of 5


@dataclass(frozen=True, slots=True)
class WorthALook:
    at: datetime
    agent: str
    why: tuple[str, ...]
    link: str


def worth_a_look(asked: Asked) -> tuple[WorthALook, ...]:
    """The newest first. One query."""
    calls = asked.calls()
    slowest = calls.filter(usual_reply_ms__gt=REPLY.most_ms).order_by("-usual_reply_ms")
    broken = calls.filter(ended_by=EndedBy.ERROR).order_by("-created_at")
    low = {**asked.of_calls("call__")}
    surveys = Survey.objects.filter(score__lte=UNHAPPY, **low).order_by("-call__created_at")
    reviews = CallReview.objects.filter(rating__lte=UNHAPPY, **low).order_by("-call__created_at")
    wanted = (
        Q(pk__in=slowest.values("pk")[:OF_EACH_KIND])
        | Q(pk__in=broken.values("pk")[:OF_EACH_KIND])
        | Q(pk__in=surveys.values("call_id")[:OF_EACH_KIND])
        | Q(pk__in=reviews.values("call_id")[:OF_EACH_KIND])
    )
    found = Call.objects.filter(wanted).select_related("survey", "review").order_by("-created_at")
    return tuple(_line(call) for call in found)


def _line(call: Call) -> WorthALook:
    why = []
    if call.ended_by == EndedBy.ERROR:
        why.append(_("ended by an error"))
    if call.usual_reply_ms is not None and call.usual_reply_ms > REPLY.most_ms:
        why.append(_("replies took %(time)s") % {"time": readable(call.usual_reply_ms)})
    survey = getattr(call, "survey", None)
    if survey is not None and survey.score is not None and survey.score <= UNHAPPY:
        why.append(_("the caller gave %(score)d of 5") % {"score": survey.score})
    review = getattr(call, "review", None)
    if review is not None and review.rating is not None and review.rating <= UNHAPPY:
        why.append(_("rated %(rating)d of 5") % {"rating": review.rating})
    link = reverse("admin:calls_call_change", args=(call.pk,))
    return WorthALook(call.created_at, call.agent_name, tuple(why), link)
