"""How many calls does one process hold? And which number is worth trying next? Pure."""

from collections.abc import Mapping

from benchmarks.load.figures import Level

MOST_LAG_P99_MS = 20.0
MOST_REPLY_P95_MS = 1_500.0
BEYOND = 20  # so many more, where nothing broke


def holds(level: Level) -> bool:
    """The loop is punctual, no word is cut apart, and replies come in time: each of them."""
    return (
        level.loop_lag_p99_ms <= MOST_LAG_P99_MS
        and level.heard_gaps == 0
        and level.reply_p95_ms is not None
        and level.reply_p95_ms <= MOST_REPLY_P95_MS
    )


def knee(levels: Mapping[int, Level]) -> int:
    """The most calls that were held, and every smaller number that was tried with them."""
    most = 0
    for calls in sorted(levels):
        if not holds(levels[calls]):
            break
        most = calls
    return most


def first_broken(levels: Mapping[int, Level]) -> int | None:
    return min((calls for calls, level in levels.items() if not holds(level)), default=None)


def next_level(levels: Mapping[int, Level]) -> int | None:
    """The middle between what held and what broke, or something beyond. None: it is known."""
    held, broken = knee(levels), first_broken(levels)
    if broken is None:
        return held + BEYOND
    between = (held + broken) // 2
    return between if held < between < broken else None
