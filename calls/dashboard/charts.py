"""Which charts are there, and in which order?"""

from calls.dashboard.asked import Asked
from calls.dashboard.chart import Chart
from calls.dashboard.count_charts import errors, outcomes, surveys
from calls.dashboard.hang_up_chart import hang_ups
from calls.dashboard.latency_charts import latency_charts
from calls.dashboard.numbers import Numbers


def charts(asked: Asked, numbers: Numbers) -> tuple[Chart, ...]:
    first_audio, ready, reply = latency_charts(asked, numbers)
    return (
        outcomes(asked, numbers),
        hang_ups(asked, numbers),
        reply,
        first_audio,
        ready,
        errors(asked, numbers),
        surveys(asked, numbers),
    )
