"""When do callers hang up, and does the greeting that they hear make a difference?"""

from collections import Counter

from django.utils.translation import gettext as _

from calls.dashboard.asked import Asked
from calls.dashboard.chart import Chart, Legend
from calls.dashboard.grid import Grid, Row
from calls.dashboard.numbers import EARLY_MS, LATER, Clip, Numbers
from calls.dashboard.pictures import Series, bars
from calls.dashboard.written import counted, share

MOST_COLOURS = 6  # one for each clip; of further ones there is one together
ENOUGH_CALLS = 30  # of fewer, a share says little
EARLY_SECONDS = EARLY_MS // 1_000


def hang_ups(asked: Asked, numbers: Numbers) -> Chart:
    clips = sorted(numbers.hang_ups, key=lambda clip: -numbers.hang_ups[clip].total())
    shown = [(_name(clip), numbers.hang_ups[clip]) for clip in clips[:MOST_COLOURS]]
    others: Counter[int] = Counter()
    for clip in clips[MOST_COLOURS:]:
        others.update(numbers.hang_ups[clip])
    if others:
        shown.append((_("Other greetings"), others))
    # Those that stay longest would flatten the seconds that matter: they are told, not drawn.
    series = [
        Series(name, f"va-s{place + 1}", tuple(seconds[at] for at in range(LATER)))
        for place, (name, seconds) in enumerate(shown)
    ]
    every = [sum(seconds[at] for _name, seconds in shown) for at in range(LATER + 1)]
    rows = tuple(
        Row(
            _("%(second)d s") % {"second": at} if at < LATER else _("later"),
            str(at) if at < LATER else f"{LATER}+",
            tuple(seconds[at] for _name, seconds in shown),
        )
        for at in range(LATER + 1)
    )
    return Chart(
        key="hang-ups",
        title=_("When callers hang up"),
        sentence=_sentence(shown),
        axes=_("Hang-ups by second since the answer. %(later)s more came after a minute.")
        % {"later": counted(every[LATER])},
        legend=tuple(Legend(one.css, one.name) for one in series),
        picture=bars([f"{at} s" for at in range(LATER)], series) if any(every) else None,
        grid=Grid((_("second"), *(name for name, _seconds in shown)), rows),
        table=_lost(shown) if shown else None,
        nothing=_("Nobody hung up in this period."),
    )


def _name(clip: Clip) -> str:
    return str(clip) if clip.name else _("Spoken greeting, no clip")


def _early(seconds: Counter[int]) -> int:
    return sum(seconds[at] for at in range(EARLY_SECONDS))


def _lost(shown: list[tuple[str, Counter[int]]]) -> Grid:
    rows = tuple(
        Row(
            name,
            name,
            (
                seconds.total(),
                _("%(lost)d (%(share)s)")
                % {"lost": _early(seconds), "share": share(_early(seconds), seconds.total())},
            ),
        )
        for name, seconds in shown
    )
    return Grid((_("greeting"), _("calls"), _("lost in the first 10 s")), rows)


def _sentence(shown: list[tuple[str, Counter[int]]]) -> str:
    """What the shape means; which greeting loses fewest, where that can be told."""
    meaning = _("A hill in the first seconds means that callers do not like how they are greeted.")
    compared = [(name, s) for name, s in shown if s.total() >= ENOUGH_CALLS]
    if len(compared) < 2:
        return meaning
    ranked = sorted(compared, key=lambda one: _early(one[1]) / one[1].total())
    (best, of_best), (worst, of_worst) = ranked[0], ranked[-1]
    return (
        meaning
        + " "
        + _("“%(best)s” loses %(few)s of its callers in the first 10 s, “%(worst)s” %(many)s.")
        % {
            "best": best,
            "few": share(_early(of_best), of_best.total()),
            "worst": worst,
            "many": share(_early(of_worst), of_worst.total()),
        }
    )
