"""What comes of a call after it was counted, out of a journal that was found late.

It is counted beside what was counted, and found as if it had been in time.
"""

from statistics import median

from calls import figure_rows
from calls.happenings import Happening, Said
from calls.models import Call, CallWords, Metric

MEASURED = ((Metric.FIRST_AUDIO, "first_audio_ms"), (Metric.READY, "agent_ready_ms"))


def measures_of(call: Call) -> dict[Metric, float | None]:
    return {metric: getattr(call, name) for metric, name in MEASURED}


def count(call: Call, happening: Happening, before: dict[Metric, float | None]) -> float | None:
    """What was just written, and the measures that the call has now and had not `before`. The usual
    reply of the call, in milliseconds.
    """
    for metric, ms in measures_of(call).items():
        if before[metric] is None:
            figure_rows.add(figure_rows.rows_of(call, metric, [ms]))
    if isinstance(happening, Said):
        _count_words(call, happening)
    replies = call.utterances.exclude(reply_ms=None).values_list("reply_ms", flat=True)
    return median(ms for ms in replies if ms is not None) if replies else None


def _count_words(call: Call, said: Said) -> None:
    figure_rows.add(figure_rows.rows_of(call, Metric.REPLY, [said.reply_ms]))
    text = "\n".join(call.utterances.values_list("text", flat=True))
    _words, are_first = CallWords.objects.update_or_create(call=call, defaults={"text": text})
    if are_first:
        from calls.aftercare.begin import summarise_late  # It posts to the log, which imports this.

        summarise_late(call)
