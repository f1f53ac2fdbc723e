"""Durations in buckets: small enough to keep for ever, fine enough for percentiles.

A bucket is 4 % wide, so a percentile read from the middle of one is within 2 % of the true one.
"""

import math
from collections.abc import Mapping

GROWTH = 1.04
_LOG_GROWTH = math.log(GROWTH)


def bucket_of(ms: float) -> int:
    """0 holds everything up to 1 ms."""
    return max(0, math.ceil(math.log(ms) / _LOG_GROWTH)) if ms > 1 else 0


def middle_ms(bucket: int) -> float:
    """What stands for a duration of this bucket."""
    return float(GROWTH ** (bucket - 0.5)) if bucket > 0 else 0.5


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The duration in ms that `share` (0.5, 0.95, ...) of all were no longer than; None if none."""
    total = sum(counts.values())
    if total == 0:
        return None
    wanted, seen = share * total, 0
    for bucket in sorted(counts):
        seen += counts[bucket]
        if seen >= wanted:
            return middle_ms(bucket)
    return middle_ms(max(counts))
