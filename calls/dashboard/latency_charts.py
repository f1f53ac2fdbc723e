"""How fast were the calls? Three latencies over time, each with its budget."""

from collections import Counter

from django.utils.translation import gettext as _

from calls.budgets import FIRST_AUDIO, READY, REPLY, Budget
from calls.dashboard.asked import Asked
from calls.dashboard.chart import Chart, Legend
from calls.dashboard.grid import Grid, Row
from calls.dashboard.numbers import Buckets, Numbers
from calls.dashboard.pictures import Limit, Series, lines
from calls.dashboard.written import on_axis
from calls.durations import milliseconds as readable
from calls.figures import percentile
from calls.models import Metric

SHARES = ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))
BUDGETS = {Metric.FIRST_AUDIO: FIRST_AUDIO, Metric.READY: READY, Metric.REPLY: REPLY}


def latency_charts(asked: Asked, numbers: Numbers) -> tuple[Chart, ...]:
    return tuple(_chart(asked, numbers, metric) for metric in Metric)


def _chart(asked: Asked, numbers: Numbers, metric: Metric) -> Chart:
    by_slot, budget = numbers.latencies[metric], BUDGETS[metric]
    labels = [asked.period.label(slot) for slot in numbers.slots]
    series = [
        Series(name, f"va-p{name[1:]}", tuple(_at(by_slot.get(s), share) for s in numbers.slots))
        for share, name in SHARES
    ]
    whole: Counter[int] = Counter()
    for buckets in by_slot.values():
        whole.update(buckets)
    rows = tuple(
        Row(
            labels[place],
            slot.isoformat(),
            (sum(by_slot.get(slot, {}).values()), *(one.values[place] for one in series)),
        )
        for place, slot in enumerate(numbers.slots)
    )
    columns = (_("from"), _("measured"), "p50 (ms)", "p95 (ms)", "p99 (ms)")
    return Chart(
        key=metric.value,
        title=str(metric.label),
        sentence=_sentence(whole, budget),
        axes=_("On a logarithmic scale: as far again up is as many times as long again."),
        legend=tuple(
            Legend(one.css, name, readable(percentile(whole, share)))
            for one, (share, name) in zip(series, SHARES, strict=True)
        ),
        picture=lines(labels, series, _limits(budget), readable, on_axis) if whole else None,
        grid=Grid(columns, rows),
        nothing=_("Nothing was measured in this period."),
    )


def _at(buckets: Buckets | None, share: float) -> float | None:
    return percentile(buckets, share) if buckets else None


def _limits(budget: Budget) -> list[Limit]:
    limits = (("p50", budget.p50_ms), ("p99", budget.p99_ms))
    return [
        Limit(_("budget %(share)s: %(time)s") % {"share": name, "time": readable(ms)}, ms)
        for name, ms in limits
        if ms is not None
    ]


def _sentence(whole: Buckets, budget: Budget) -> str:
    over = [
        name
        for name, share, most in (("p50", 0.5, budget.p50_ms), ("p99", 0.99, budget.p99_ms))
        if most is not None and (percentile(whole, share) or 0.0) > most
    ]
    if not whole:
        return ""
    half, worst = readable(percentile(whole, 0.5)), readable(percentile(whole, 0.99))
    said = _("Half took at most %(half)s; one in a hundred took longer than %(worst)s.") % {
        "half": half,
        "worst": worst,
    }
    verdict = (
        _("Over budget: %(which)s.") % {"which": ", ".join(over)} if over else _("Within budget.")
    )
    return f"{said} {verdict}"
