"""The rows Supabase's stand-in serves, by table. Pure.

The tables of docs/supabase.sql are there from the start, empty, and keep its rules; any other is
there once it is loaded.
"""

import copy

from rehearsal.providers.table_rules import RULES, Row, check, completed, in_one_spelling

__all__ = ["Row", "Tables"]


class Tables:
    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self.clear()

    def clear(self) -> None:
        self._rows = {table: [] for table in RULES}

    def load(self, table: str, rows: list[Row]) -> None:
        """In the place of those there, as they are: a rehearsal may want odd ones."""
        self._rows[table] = copy.deepcopy(rows)

    def rows(self, table: str) -> list[Row] | None:
        """The live list; None for a table nobody loaded."""
        return self._rows.get(table)

    def insert(self, table: str, given: list[Row]) -> list[Row]:
        """The new rows: all of them or none. Raises Refused."""
        beside = list(self._rows[table])
        new: list[Row] = []
        for row in given:
            if table in RULES:
                row = completed(table, in_one_spelling(table, row), beside)
                self._check(table, row, beside)
            beside.append(row)
            new.append(row)
        self._rows[table].extend(new)
        return new

    def update(self, table: str, found: list[Row], change: Row) -> list[Row]:
        """The rows that were found, changed: all of them or none. Raises Refused."""
        if table in RULES:
            change = in_one_spelling(table, change)
        beside = [row for row in self._rows[table] if all(row is not one for one in found)]
        for row in found:
            changed = {**row, **change}
            self._check(table, changed, beside)
            beside.append(changed)
        for row in found:
            row.update(change)
        return found

    def delete(self, table: str, found: list[Row]) -> list[Row]:
        """With a customer goes what is theirs."""
        rows = self._rows[table]
        rows[:] = [row for row in rows if all(row is not gone for gone in found)]
        if table == "customers":
            gone = [row.get("id") for row in found]
            for part in (name for name, rules in RULES.items() if rules.of_a_customer):
                kept = [row for row in self._rows[part] if row.get("customer_id") not in gone]
                self._rows[part][:] = kept
        return found

    def _check(self, table: str, row: Row, beside: list[Row]) -> None:
        if table in RULES:
            check(table, row, beside, self._rows["customers"])
