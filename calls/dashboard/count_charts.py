"""How many, and how did they end? Calls, errors and survey scores."""

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import gettext as _

from calls.dashboard.asked import Asked
from calls.dashboard.chart import Chart, Legend
from calls.dashboard.grid import Grid, Row
from calls.dashboard.numbers import Numbers, Step
from calls.dashboard.pictures import Series, bars
from calls.dashboard.written import counted, mean, share
from calls.models import EndedBy

# What is fine at the bottom of a bar, what is not on top of it.
ENDINGS = (
    (EndedBy.CALLER, "va-s1"),
    (EndedBy.AGENT, "va-s2"),
    (EndedBy.TRANSFER, "va-s3"),
    (EndedBy.STAFF, "va-s4"),
    (EndedBy.TIMEOUT, "va-s5"),
    (EndedBy.DRAIN, "va-s6"),
    (EndedBy.TURNED_AWAY, "va-s7"),
    (EndedBy.ERROR, "va-bad"),
)
PROVIDERS = {"stt": "va-s1", "llm": "va-s5", "tts": "va-s3"}
SCORES = (1, 2, 3, 4, 5)
NONE = Step(Counter())


def outcomes(asked: Asked, numbers: Numbers) -> Chart:
    labels = [asked.period.label(slot) for slot in numbers.slots]
    whole, steps = numbers.whole, [numbers.steps.get(slot, NONE) for slot in numbers.slots]
    series = [
        Series(str(ending.label), css, tuple(step.ended_by[ending] for step in steps))
        for ending, css in ENDINGS
    ]
    going_on = Series(_("Not over yet"), "va-s0", tuple(step.ended_by[""] for step in steps))
    legend = [
        Legend(css, str(ending.label), _amount(count, whole.calls), link)
        for ending, css in ENDINGS
        if (count := whole.ended_by[ending])
        for link in [asked.list_link(ended_by=ending.value)]
    ]
    if whole.ended_by[""]:
        legend.append(Legend("va-s0", going_on.name, _amount(whole.ended_by[""], whole.calls)))
    all_series = [*series, going_on]
    return Chart(
        key="outcomes",
        title=_("Calls, and who ended them"),
        sentence=_("%(transfers)s were put through to a person, %(away)s were turned away.")
        % {
            "transfers": counted(whole.ended_by[EndedBy.TRANSFER]),
            "away": counted(whole.ended_by[EndedBy.TURNED_AWAY]),
        },
        axes=_("Calls by the hour in which they began.")
        if asked.period.by_hour
        else _("Calls by the day on which they began."),
        legend=tuple(legend),
        picture=bars(labels, all_series) if whole.calls else None,
        grid=_over_time(asked, numbers, all_series),
        nothing=_("There were no calls in this period."),
    )


def errors(asked: Asked, numbers: Numbers) -> Chart:
    labels = [asked.period.label(slot) for slot in numbers.slots]
    names = provider_names()
    series = [
        Series(
            names.get(provider, provider),
            PROVIDERS.get(provider, "va-s0"),
            tuple(count[slot] for slot in numbers.slots),
        )
        for provider, count in sorted(numbers.errors.items())
    ]
    total = sum(count.total() for count in numbers.errors.values())
    return Chart(
        key="errors",
        title=_("Errors by provider"),
        sentence=_("Most are mended within the call by another try; many at once are an outage."),
        axes=_("Errors by when their call began."),
        legend=tuple(
            Legend(
                one.css,
                one.name,
                counted(round(sum(value or 0 for value in one.values))),
                _errors_link(asked),
            )
            for one in series
        ),
        picture=bars(labels, series) if total else None,
        grid=_over_time(asked, numbers, series),
        nothing=_("No provider failed in this period."),
    )


def provider_names() -> Mapping[str, str]:
    return {
        "stt": _("Speech recognition"),
        "llm": _("Language model"),
        "tts": _("Voice"),
    }


def surveys(asked: Asked, numbers: Numbers) -> Chart:
    scores = numbers.scores
    answers = scores.total()
    rows = tuple(Row(f"{score} ★", str(score), (scores[score],)) for score in SCORES)
    average = sum(score * n for score, n in scores.items()) / answers if answers else 0.0
    series = [
        Series(
            _("answers"),
            f"va-score{score}",
            tuple(scores[score] if score == place else None for place in SCORES),
        )
        for score in SCORES
    ]
    said = _("%(answers)s callers answered: %(mean)s of 5 on average.")
    return Chart(
        key="surveys",
        title=_("What callers think"),
        sentence=said % {"answers": counted(answers), "mean": mean(average)} if answers else "",
        axes=_("Answers by score, from 1 to 5."),
        legend=(
            Legend("va-score1", _("1 or 2 of 5"), counted(scores[1] + scores[2]), _unhappy(asked)),
        )
        if scores[1] + scores[2]
        else (),
        picture=bars([row.label for row in rows], series) if answers else None,
        grid=Grid((_("score"), _("answers")), rows),
        nothing=_("Nobody has answered a survey in this period. An agent's page switches it on."),
    )


def _errors_link(asked: Asked) -> str:
    return asked.list_link(look="errors")


def _unhappy(asked: Asked) -> str:
    return asked.list_link(look="unhappy")


def _over_time(asked: Asked, numbers: Numbers, series: list[Series]) -> Grid:
    rows = tuple(
        Row(
            asked.period.label(slot),
            slot.isoformat(),
            tuple(round(one.values[place] or 0) for one in series),
        )
        for place, slot in enumerate(numbers.slots)
    )
    return Grid((_("from"), *(one.name for one in series)), rows)


def _amount(count: int, whole: int) -> str:
    return f"{counted(count)} ({share(count, whole)})"
