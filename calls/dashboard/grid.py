"""The numbers behind a chart: a table on the page, and a CSV file."""

import csv
import io
from dataclasses import dataclass

# A spreadsheet takes what begins so for a formula, and names of clips are anybody's words.
FORMULA = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Row:
    label: str  # as the page shows it
    key: str  # as a file says it: a time in full
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    columns: tuple[str, ...]  # the first is that of the labels
    rows: tuple[Row, ...]

    def shown(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((row.label, tuple(_shown(cell) for cell in row.cells)) for row in self.rows)

    def as_csv(self) -> str:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([_harmless(column) for column in self.columns])
        for row in self.rows:
            writer.writerow([_harmless(cell) for cell in (row.key, *row.cells)])
        return text.getvalue()


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return f"{cell:.1f}" if isinstance(cell, float) else str(cell)


def _harmless(cell: Cell) -> str | int | float | None:
    if isinstance(cell, float):
        return round(cell, 1)
    if isinstance(cell, str) and cell.startswith(FORMULA):
        return "'" + cell
    return cell
