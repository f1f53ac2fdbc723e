"""How did it go, in a sentence? What a manager reads first, with links to the calls."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.dashboard.asked import Asked
from calls.dashboard.numbers import Numbers, Step
from calls.dashboard.written import counted
from calls.models import EndedBy


@dataclass(frozen=True, slots=True)
class Fact:
    text: str
    link: str


@dataclass(frozen=True, slots=True)
class Story:
    """Of one day, or of a whole longer period."""

    title: str
    calls: Fact | None  # None: there were none
    facts: tuple[Fact, ...]  # what was not as it should be


def stories(asked: Asked, numbers: Numbers) -> tuple[Story, ...]:
    period = asked.period
    if not period.by_hour:
        return (_story(asked, (period.first, period.last), numbers.whole),)
    return tuple(_story(asked, (day, day), _of_day(day, numbers)) for day in period.days)


def _of_day(day: date, numbers: Numbers) -> Step:
    steps = [step for slot, step in numbers.steps.items() if timezone.localtime(slot).date() == day]
    return Step(
        sum((step.ended_by for step in steps), Counter[str]()),
        sum(step.early for step in steps),
        sum(step.slow for step in steps),
    )


def _story(asked: Asked, days: tuple[date, date], step: Step) -> Story:
    calls = ngettext("%(count)s call", "%(count)s calls", step.calls) % {
        "count": counted(step.calls)
    }
    return Story(
        title=_title(days),
        calls=Fact(calls, asked.list_link(days)) if step.calls else None,
        facts=tuple(_facts(asked, days, step)),
    )


def _title(days: Sequence[date]) -> str:
    first, last = days
    today = timezone.localdate()
    if first == last:
        named = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
        return named.get(first) or format_date(first, "j F Y")
    return f"{format_date(first, 'j M Y')} – {format_date(last, 'j M Y')}"


def _facts(asked: Asked, days: tuple[date, date], step: Step) -> Iterator[Fact]:
    if early := step.early:
        said = ngettext(
            "%(count)s caller hung up within 10 s", "%(count)s callers hung up within 10 s", early
        )
        yield Fact(said % {"count": counted(early)}, asked.list_link(days, look="lost-early"))
    if slow := step.slow:
        said = ngettext(
            "%(count)s call was slower than it should be",
            "%(count)s calls were slower than they should be",
            slow,
        )
        yield Fact(said % {"count": counted(slow)}, asked.list_link(days, look="slow"))
    if broken := step.ended_by[EndedBy.ERROR]:
        said = ngettext(
            "%(count)s call ended by an error", "%(count)s calls ended by an error", broken
        )
        yield Fact(said % {"count": counted(broken)}, asked.list_link(days, ended_by="error"))
    if away := step.ended_by[EndedBy.TURNED_AWAY]:
        said = ngettext(
            "%(count)s caller was turned away", "%(count)s callers were turned away", away
        )
        yield Fact(said % {"count": counted(away)}, asked.list_link(days, ended_by="turned-away"))
