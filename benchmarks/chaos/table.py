"""The table of docs/reliability.md, between its marks."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos.judged import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- chaos -->\n", "<!-- end of chaos -->\n"
HEAD = (
    "| who fails | how | answered | told, and put through | in silence | longest dead air "
    "| effect on bystanders |\n|---|---|---|---|---|---|---|\n"
)


def written(rows: Sequence[Row]) -> str:
    return HEAD + "".join(map(_line, rows))


def _line(row: Row) -> str:
    provider, fault = row.cell.words
    effect = "; ".join(row.harmed) or "none"
    return (
        f"| {provider} | {fault} | {row.answered} | {row.apologised} | {row.rude} "
        f"| {row.dead_air_ms / 1000:.1f} s | {effect} |\n"
    )


def write(rows: Sequence[Row]) -> None:
    """Replace what stands between the marks."""
    before, rest = PAGE.read_text().split(BEGINS, 1)
    PAGE.write_text(before + BEGINS + written(rows) + ENDS + rest.split(ENDS, 1)[1])
