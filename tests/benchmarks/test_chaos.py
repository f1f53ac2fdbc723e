"""How the calls of the table of faults are judged."""

import pytest

from benchmarks.chaos import table
from benchmarks.chaos.callers import CellReports
from benchmarks.chaos.cells import ALL, Cell
from benchmarks.chaos.judged import dead_air_ms, judged
from rehearsal.caller import CallReport, CallScript
from rehearsal.caller.ear import Heard
from rehearsal.caller.microphone import Said
from rehearsal.caller.observed import Ending, Observed
from rehearsal.caller.report import AroundTheStream, Followed
from rehearsal.caller.review import review
from rehearsal.providers.fault_parsing import parse_faults

CELL = Cell("llm", "silent")


def report(
    *heard: tuple[float, float],
    said: tuple[str, float, float] = ("goodbye", 3_000, 4_000),
    ended: tuple[str, float] = ("server-rest", 8_000),
    complaint: str = "",
    dialled: str | None = None,
) -> CallReport:
    line, start, end = said
    observed = Observed(
        first_audio_ms=0.0,
        said=(Said(line, line, start, end, b""),),
        heard=tuple(Heard(*stretch) for stretch in heard),
    )
    around = AroundTheStream("CA1", "MZ1", "test", followed=Followed(transferred_to=dialled))
    by, at = ended
    return review(CallScript("test", ()), around, observed, Ending(by, at, complaint))  # type: ignore[arg-type]


ANSWERED = report((0, 2_000), (5_000, 7_800))
APOLOGISED = report((0, 2_000), (5_500, 7_500), said=("ask-hours", 3_000, 4_000), dialled="+351")
HUNG_UP_IN_SILENCE = report((0, 2_000), (5_000, 5_200))
LOST_PATIENCE = report((0, 2_000), ended=("caller", 24_000), complaint="The agent did not speak.")


@pytest.mark.parametrize(
    ("call", "dead_ms", "counts"),
    [
        (ANSWERED, 1_000, (1, 0, 0)),
        (APOLOGISED, 1_500, (0, 1, 0)),
        (HUNG_UP_IN_SILENCE, 2_800, (0, 0, 1)),
        (LOST_PATIENCE, 20_000, (0, 0, 1)),
    ],
)
def test_a_call_is_answered_or_told_or_left_in_silence(
    call: CallReport, dead_ms: float, counts: tuple[int, int, int]
) -> None:
    assert dead_air_ms(call) == dead_ms
    row = judged(CellReports(CELL, (call,), ()))
    assert (row.answered, row.apologised, row.rude) == counts
    assert bool(row.complaints) is (dead_ms > 2_000)


def test_a_bystander_who_waits_is_harmed() -> None:
    assert judged(CellReports(CELL, (ANSWERED,), (ANSWERED,))).harmed == ()
    harmed = judged(CellReports(CELL, (ANSWERED,), (LOST_PATIENCE,)))
    assert any("did not speak" in it for it in harmed.complaints)


def test_every_cell_is_a_fault_that_the_offline_providers_know() -> None:
    for cell in ALL:
        parse_faults(cell.faults())
    assert len({cell.name for cell in ALL}) == len(ALL) == 45


def test_the_page_has_a_line_for_each_cell() -> None:
    page = table.PAGE.read_text()
    written = page.split(table.BEGINS)[1].split(table.ENDS)[0]
    for cell in ALL:
        assert f"| {cell.words[0]} | {cell.words[1]} |" in written, cell.name
