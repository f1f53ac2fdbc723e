"""How long was a caller left in silence?"""

from rehearsal.caller import CallReport


def longest_dead_air_ms(report: CallReport) -> float:
    """The longest time in which neither side was heard, from the first audio to the end."""
    sounds = sorted(
        [(it.start_ms, it.end_ms) for it in report.heard]
        + [(it.start_ms, it.end_ms) for it in report.said]
    )
    longest, until = 0.0, report.first_audio_ms or 0.0
    for start, end in [*sounds, (report.ended_ms, report.ended_ms)]:
        longest, until = max(longest, start - until), max(until, end)
    return longest
