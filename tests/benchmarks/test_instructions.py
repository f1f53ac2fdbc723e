"""What callgrind wrote, read; and compared with what is stored."""

import json
from pathlib import Path

from benchmarks.instructions.counts import (
    EVENT_LOOP,
    FRAMES,
    NOTHING,
    PARTS,
    READING,
    SET_UP,
    SILENT,
    STORED,
    TALKING,
    WEBHOOK,
    Count,
    counted,
)


def written(
    folder: Path, number: int, part: str, instructions: int, thread: str = EVENT_LOOP
) -> None:
    (folder / f"callgrind.out.123.{number}{thread}").write_text(
        f"# callgrind format\nversion: 1\ncreator: callgrind-3.19.0\npid: 123\n"
        f"desc: Trigger: Dump on request {part}\n\nevents: Ir\ntotals: {instructions}\n"
    )


def test_it_takes_the_call_that_was_disturbed_least_and_divides_frames(tmp_path: Path) -> None:
    for number, million in enumerate((20, 22, 90)):
        written(tmp_path, number, WEBHOOK, million * 1_000_000 + 2_000)
    written(tmp_path, 6, NOTHING, 2_000)
    written(tmp_path, 7, SILENT, FRAMES * 500_000 + 2_000)
    written(tmp_path, 8, "something else", 5)
    written(tmp_path, 9, WEBHOOK, 1, thread="-02")
    assert counted(tmp_path) == {WEBHOOK: 20_000.0, SILENT: 500.0}


def test_a_tenth_more_is_borne_and_a_tenth_less_as_well() -> None:
    for thousands, too_much, much_less in (
        (109.0, False, False),
        (111.0, True, False),
        (90.0, False, True),
    ):
        count = Count(SILENT, thousands, 100.0)
        assert (count.is_too_much, count.is_much_less) == (too_much, much_less)
    assert not Count(SILENT, 1e9, None).is_too_much


def test_every_part_is_stored_for_the_python_that_ci_has() -> None:
    stored = json.loads(STORED.read_text())
    assert set(stored["3.11"]) == set(PARTS) == {WEBHOOK, SET_UP, READING, SILENT, TALKING}
