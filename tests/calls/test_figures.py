"""Percentiles from buckets lie within 2 % of those of the durations themselves."""

from collections import Counter

import numpy as np
import pytest

from calls.figures import bucket_of, middle_ms, percentile


@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
@pytest.mark.parametrize("median_ms", [3.0, 80.0, 700.0])
def test_a_percentile_is_within_two_percent(share: float, median_ms: float) -> None:
    durations = median_ms * np.exp(np.random.default_rng(1).normal(0.0, 0.5, 20_000))
    counts = Counter(bucket_of(float(ms)) for ms in durations)
    exact = float(np.quantile(durations, share, method="inverted_cdf"))
    assert percentile(counts, share) == pytest.approx(exact, rel=0.021)


def test_nothing_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize("ms", [1.5, 40.0, 1_000.0, 600_000.0])
def test_a_bucket_holds_what_its_middle_says(ms: float) -> None:
    assert middle_ms(bucket_of(ms)) == pytest.approx(ms, rel=0.021)


@pytest.mark.parametrize("ms", [0.0, -3.0, 0.2, 1.0])
def test_what_takes_no_time_is_in_the_first_bucket(ms: float) -> None:
    assert bucket_of(ms) == 0
