"""The rows Supabase's stand-in serves, by table. Pure.

The tables of docs/supabase.sql are there from the start, and keep its rules when they are written
to. Any other is there once somebody loads it, and takes whatever it is given.
"""

import copy

from rehearsal.providers.table_rules import RULES, Row, check, completed, in_one_spelling

__all__ = ["Row", "Tables"]


class Tables:
    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}
        self.clear()

    def load(self, table: str, rows: list[Row]) -> None:
        """As they are: a rehearsal may want odd ones."""
        self._rows[table] = copy.deepcopy(rows)

    def rows(self, table: str) -> list[Row] | None:
        """Those of this moment; None for a table nobody loaded."""
        return self._rows.get(table)

    def insert(self, table: str, given: list[Row]) -> list[Row]:
        """All of them or none. Raises Refused."""
        before = self._rows[table]
        after = list(before)
        for row in given:
            new = completed(table, row, after) if table in RULES else dict(row)
            self._check(table, new, after)
            after.append(new)
        self._rows[table] = after
        return after[len(before) :]

    def update(self, table: str, found: list[Row], change: Row) -> list[Row]:
        """All of them or none. Raises Refused."""
        after = list(self._rows[table])
        changed = []
        for row in found:
            new = {**row, **change}
            new = in_one_spelling(table, new) if table in RULES else new
            place = next(number for number, one in enumerate(after) if one is row)
            self._check(table, new, after[:place] + after[place + 1 :])
            after[place] = new
            changed.append(new)
        self._rows[table] = after
        return changed

    def delete(self, table: str, found: list[Row]) -> list[Row]:
        """With a customer goes what is theirs."""
        self._rows[table] = [row for row in self._rows[table] if not any(row is it for it in found)]
        if table == "customers":
            gone = [row.get("id") for row in found]
            for name in [name for name, rules in RULES.items() if rules.of_a_customer]:
                theirs = self._rows[name]
                self._rows[name] = [row for row in theirs if row.get("customer_id") not in gone]
        return found

    def clear(self) -> None:
        self._rows = {table: [] for table in RULES}

    def _check(self, table: str, row: Row, beside: list[Row]) -> None:
        if table in RULES:
            check(table, row, beside, self._rows["customers"])
