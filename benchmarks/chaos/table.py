"""The table of docs/reliability.md, between its marks."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chaos.cells import ALL, Cell
from benchmarks.chaos.judged import Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
BEGINS, ENDS = "<!-- chaos -->\n", "<!-- end of chaos -->\n"
HEAD = (
    "| who fails | how | answered | told, and put through | in silence | longest dead air "
    "| effect on bystanders |\n|---|---|---|---|---|---|---|\n"
)


def line(row: Row) -> str:
    effect = "; ".join(row.harmed) or "none"
    return (
        f"{_begins(row.cell)}{row.answered} | {row.apologised} | {row.rude} "
        f"| {row.dead_air_ms / 1000:.1f} s | {effect} |\n"
    )


def write(rows: Sequence[Row]) -> None:
    """These lines anew, in the order of the cells; those of other cells stay."""
    before, rest = PAGE.read_text().split(BEGINS, 1)
    so_far, after = rest.split(ENDS, 1)
    lines = {
        _begins(cell): found
        for found in so_far.splitlines(keepends=True)
        for cell in ALL
        if found.startswith(_begins(cell))
    }
    lines |= {_begins(row.cell): line(row) for row in rows}
    table = "".join(lines[_begins(cell)] for cell in ALL if _begins(cell) in lines)
    PAGE.write_text(before + BEGINS + HEAD + table + ENDS + after)


def _begins(cell: Cell) -> str:
    provider, fault = cell.words
    return f"| {provider} | {fault} | "
