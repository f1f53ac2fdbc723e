"""The rows Supabase's stand-in serves, by table. Pure."""

import copy

Row = dict[str, object]


class Tables:
    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def load(self, table: str, rows: list[Row]) -> None:
        self._rows[table] = copy.deepcopy(rows)

    def rows(self, table: str) -> list[Row] | None:
        """The live list, changed in place by who writes; None for a table nobody loaded."""
        return self._rows.get(table)

    def clear(self) -> None:
        self._rows = {}
