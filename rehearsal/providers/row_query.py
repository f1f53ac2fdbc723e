"""PostgREST's query string, the part this stand-in knows: filters, select, order, limit. Pure."""

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rehearsal.providers.table_rules import KEYS, RULES, Row, key, moment

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
ROW_PARAMETERS = frozenset({"select", "order", "limit", "offset", "apikey", "columns"})
_QUOTED_OR_PLAIN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,]+)')


class BadQuery(Exception):
    def __init__(self, message: str, code: str = "PGRST100") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Filter:
    column: str
    accepts: Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class RowQuery:
    filters: tuple[Filter, ...] = ()
    columns: tuple[str, ...] = ()  # none stands for all
    order: tuple[tuple[str, bool], ...] = ()  # column, descending
    limit: int | None = None
    offset: int = 0

    def matching(self, rows: list[Row]) -> list[Row]:
        found = [
            row
            for row in rows
            if all(check.accepts(row.get(check.column)) for check in self.filters)
        ]
        for column, descending in reversed(self.order):
            # As in PostgreSQL, null counts as greater than everything.
            found.sort(key=lambda row: _sort_key(row.get(column)), reverse=descending)
        return found

    def page(self, rows: list[Row]) -> list[Row]:
        end = None if self.limit is None else self.offset + self.limit
        return rows[self.offset : end]

    def columns_of(self, row: Row) -> Row:
        return {name: row.get(name) for name in self.columns} if self.columns else dict(row)


def parse_query(
    parameters: Iterable[tuple[str, str]], rows: list[Row], table: str = ""
) -> RowQuery:
    """Raises BadQuery, and Refused for a value that is not of its column's type."""
    known = {column for row in rows for column in row}
    filters: list[Filter] = []
    given: dict[str, str] = {}
    for name, value in parameters:
        if name in ROW_PARAMETERS:
            given[name] = value
        else:
            if table in RULES and name in KEYS and value.startswith("eq."):
                key(value.removeprefix("eq."))
            filters.append(_filter(_known_column(name, known), value))
    asked = [part.strip() for part in given.get("select", "*").split(",") if part.strip()]
    columns = tuple(_known_column(name, known) for name in asked if name != "*")
    return RowQuery(
        filters=tuple(filters),
        columns=() if "*" in asked else columns,
        order=tuple(_order(part, known) for part in given.get("order", "").split(",") if part),
        limit=_number(given["limit"]) if "limit" in given else None,
        offset=_number(given.get("offset", "0")),
    )


def _known_column(name: str, known: set[str]) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise BadQuery(f"This stand-in does not know {name!r}: only plain columns.")
    if known and name not in known:
        raise BadQuery(f"column {name} does not exist", code="42703")
    return name


def _filter(column: str, expression: str) -> Filter:
    comparison, _, operand = expression.partition(".")
    match comparison:
        case "eq":
            return Filter(column, lambda value: value is not None and _is_same(value, operand))
        case "neq":
            return Filter(column, lambda value: value is not None and not _is_same(value, operand))
        case "gt" | "gte" | "lt" | "lte":
            compare = COMPARISONS[comparison]
            return Filter(
                column, lambda value: value is not None and compare(*_comparable(value, operand))
            )
        case "is":
            return Filter(column, lambda value: _as_text(value) == operand.lower())
        case "in":
            among = _list(operand)
            return Filter(column, lambda value: value is not None and _as_text(value) in among)
    raise BadQuery(f"This stand-in does not know the filter {expression!r}.")


def _list(operand: str) -> frozenset[str]:
    if not (operand.startswith("(") and operand.endswith(")")):
        raise BadQuery(f"in.{operand} is not a list in parentheses.")
    return frozenset(
        plain or quoted.replace('\\"', '"')
        for quoted, plain in _QUOTED_OR_PLAIN.findall(operand[1:-1])
    )


def _order(part: str, known: set[str]) -> tuple[str, bool]:
    column, *options = part.split(".")
    return _known_column(column, known), "desc" in options


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadQuery(f"{text!r} is not a whole number.")
    return int(text)


def _is_same(value: object, operand: str) -> bool:
    """One moment may be written in two zones."""
    same = moment(value)
    return _as_text(value) == operand or (same is not None and same == moment(operand))


def _comparable(value: object, operand: str) -> tuple[Any, Any]:
    """Both as moments, as numbers, or else as text."""
    moments = moment(value), moment(operand)
    if None not in moments:
        return moments
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return value, float(operand)
        except ValueError:
            raise BadQuery(f"{operand!r} is not a number.", code="22P02") from None
    return _as_text(value), operand


def _as_text(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sort_key(value: object) -> tuple[bool, bool, float, str]:
    is_number = isinstance(value, int | float)
    number = float(value) if isinstance(value, int | float) else 0.0
    return value is None, not is_number, number, "" if is_number else str(value)
