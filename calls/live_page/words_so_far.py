"""What was said in these calls so far, as far as it is written?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from calls.models import OVER, Call, Utterance

MOST_LINES = 60  # of a call, the newest


@dataclass(frozen=True, slots=True)
class WrittenLine:
    call_sid: str
    speaker: str
    text: str
    at_ms: float
    interrupted: bool


def words_so_far(call_sids: Collection[str]) -> list[WrittenLine]:
    """Call by call, in the order in which it was said."""
    return [line for call_sid in call_sids for line in _lines_of(call_sid)]


def over_already(call_sids: Collection[str]) -> dict[str, str]:
    """Those that are over in the database, with who ended them."""
    rows = Call.objects.filter(call_sid__in=call_sids, status__in=OVER)
    return dict(rows.values_list("call_sid", "ended_by"))


def _lines_of(call_sid: str) -> Iterator[WrittenLine]:
    newest = (
        Utterance.objects.filter(call__call_sid=call_sid)
        .order_by("-at_ms", "-pk")
        .values_list("speaker", "text", "at_ms", "interrupted")[:MOST_LINES]
    )
    for speaker, text, at_ms, interrupted in reversed(newest):
        yield WrittenLine(call_sid, speaker, text, at_ms, interrupted)
