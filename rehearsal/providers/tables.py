"""The rows Supabase's stand-in serves, by table. Pure.

The tables of the customer directory are there from the start, empty, with the rules of
docs/supabase.sql; any other is there once it is loaded.
"""

import copy

from rehearsal.providers.table_rules import RULES, Row, check, completed

__all__ = ["Row", "Tables"]


class Tables:
    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self.clear()

    def clear(self) -> None:
        self._rows = {table: [] for table in RULES}

    def load(self, table: str, rows: list[Row]) -> None:
        """In the place of those there. They are believed: no rule is asked."""
        self._rows[table] = []
        for row in copy.deepcopy(rows):
            self._rows[table].append(self._completed(table, row))

    def rows(self, table: str) -> list[Row] | None:
        """None for a table nobody loaded."""
        return self._rows.get(table)

    def insert(self, table: str, new: list[Row]) -> list[Row]:
        """All of them, as they are kept, or none. Raises RowRefused."""
        rows = self._rows[table]
        before = len(rows)
        try:
            for row in new:
                rows.append(self._completed(table, row))
                self._check(table, rows[-1])
        except Exception:
            del rows[before:]
            raise
        return rows[before:]

    def update(self, table: str, found: list[Row], change: Row) -> None:
        """All of them or none. Raises RowRefused."""
        before = copy.deepcopy(found)
        try:
            for row in found:
                row.update(change)
                self._check(table, row)
        except Exception:
            for row, was in zip(found, before, strict=True):
                row.clear()
                row.update(was)
            raise

    def delete(self, table: str, found: list[Row]) -> None:
        rows = self._rows[table]
        rows[:] = [row for row in rows if not any(row is gone for gone in found)]

    def _completed(self, table: str, row: Row) -> Row:
        rules = RULES.get(table)
        return row if rules is None else completed(rules, row, self._rows[table])

    def _check(self, table: str, row: Row) -> None:
        rules = RULES.get(table)
        if rules is not None:
            others = [other for other in self._rows[table] if other is not row]
            check(rules, row, others, self._rows["customers"])
