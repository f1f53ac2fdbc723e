"""What a survey's question, answer and replies do to its row. Called by calls/call_rows.py."""

from dataclasses import dataclass
from datetime import timedelta

from calls.happenings import SurveyAnswered, SurveyAsked, SurveyReplied
from calls.models import Call, CallEvent, Survey, SurveyChannel
from calls.survey.numbers import spellings

REPLY_HOURS = 48
ASKED_AGAIN = "survey asked again"
NO_MORE = "no more surveys"


@dataclass(frozen=True, slots=True)
class Noted:
    """An event to be noted about a call, once."""

    call: Call
    event: str


def write(call: Call, happening: SurveyAsked | SurveyAnswered) -> None:
    """`call` is locked. In any order and more than once; the first answer stands."""
    if call.erased_at is not None:
        return
    asked = {"channel": SurveyChannel.SPOKEN, "asked_at": happening.at}
    if isinstance(happening, SurveyAsked):
        asked["channel"] = happening.channel
    survey, _made = Survey.objects.get_or_create(call=call, defaults=asked)
    if isinstance(happening, SurveyAnswered):
        _answer(survey, happening.score, happening)


def take_reply(reply: SurveyReplied) -> Noted | None:
    """About their newest survey: Twilio does not say which. None when nothing is to be noted."""
    asked = Survey.objects.filter(
        channel=SurveyChannel.WHATSAPP,
        call__from_number__in=spellings(reply.from_number),
        call__erased_at__isnull=True,
        asked_at__lte=reply.at,
    )
    # Locked: two replies at once are not both the first.
    locked = asked.select_related("call").select_for_update()
    survey = locked.order_by("-asked_at").first()
    if survey is None:
        return None
    if reply.no_more:
        return Noted(survey.call, NO_MORE)
    late = survey.asked_at < reply.at - timedelta(hours=REPLY_HOURS)
    if late or survey.score is not None or _wants_no_more(survey.call):
        return None
    if reply.score is None:
        return Noted(survey.call, ASKED_AGAIN)
    _answer(survey, reply.score, reply)
    return None


def _answer(survey: Survey, score: int, told: SurveyAnswered | SurveyReplied) -> None:
    if 1 <= score <= 5:
        unanswered = Survey.objects.filter(pk=survey.pk, score__isnull=True)
        unanswered.update(score=score, answered_at=told.at)


def _wants_no_more(call: Call) -> bool:
    return CallEvent.objects.filter(call=call, name=NO_MORE).exists()
