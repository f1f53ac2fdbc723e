"""Which few figures sum a period up, and which of them are not as they should be?"""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.budgets import REPLY
from calls.dashboard import written
from calls.dashboard.numbers import Numbers
from calls.dashboard.right_now import RightNow
from calls.durations import milliseconds
from calls.figures import percentile
from calls.models import Metric

MOST_LOST = 0.1  # of all calls, within their first 10 s
LOWEST_SCORE = 4.0


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    figure: str
    note: str = ""
    link: str = ""
    bad: bool = False


def tiles(now: RightNow, numbers: Numbers) -> tuple[Tile, ...]:
    return (
        Tile(_("Live now"), written.counted(now.live), _("calls in progress"), now.live_link),
        Tile(_("Today"), written.counted(now.today), _("calls so far"), now.today_link),
        _reply(numbers),
        _lost(numbers),
        _score(numbers),
    )


def _reply(numbers: Numbers) -> Tile:
    whole: Counter[int] = Counter()
    for buckets in numbers.latencies[Metric.REPLY].values():
        whole.update(buckets)
    half = percentile(whole, 0.5)
    note = _("budget %(time)s") % {"time": milliseconds(REPLY.p50_ms)}
    bad = half is not None and REPLY.p50_ms is not None and half > REPLY.p50_ms
    return Tile(_("Usual reply"), milliseconds(half), note, bad=bad)


def _lost(numbers: Numbers) -> Tile:
    whole = numbers.whole
    return Tile(
        _("Lost in 10 s"),
        written.share(whole.early, whole.calls) if whole.calls else "–",
        _("%(lost)s of %(calls)s calls")
        % {"lost": written.counted(whole.early), "calls": written.counted(whole.calls)},
        bad=whole.early > MOST_LOST * whole.calls,
    )


def _score(numbers: Numbers) -> Tile:
    answers = numbers.scores.total()
    mean = sum(score * n for score, n in numbers.scores.items()) / answers if answers else None
    return Tile(
        _("Survey"),
        "–" if mean is None else written.mean(mean),
        _("of 5, %(answers)s answers") % {"answers": written.counted(answers)},
        bad=mean is not None and mean < LOWEST_SCORE,
    )
