"""What the tables of the customer directory refuse, as docs/supabase.sql has it. Pure.

A table of any other name takes everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Row = dict[str, object]
NUMBERS = frozenset({"id", "customer_id"})
# PostgreSQL's codes, which PostgREST passes on.
NOT_A_NUMBER, NO_SUCH_ROW, NOT_UNIQUE, CHECK, OVERLAP = "22P02", "23503", "23505", "23514", "23P01"


class RowRefused(Exception):
    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Rules:
    defaults: Mapping[str, object] = field(default_factory=dict)
    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # least, most
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    has_owner: bool = True
    is_calendar: bool = False


RULES: Mapping[str, Rules] = {
    "customers": Rules(
        defaults={"language": "", "status": "lead", "notes": ""},
        lengths={"name": (1, 120), "language": (0, 16)},
        choices={"status": ("lead", "active", "vip", "closed")},
        unique=(("phone",),),
        has_owner=False,
    ),
    "customer_phones": Rules(unique=(("number",),)),
    "customer_facts": Rules(lengths={"text": (1, 500)}, unique=(("customer_id", "text"),)),
    "appointments": Rules(
        defaults={"calendar": "main", "reason": "", "status": "booked"},
        lengths={"calendar": (1, 40), "reason": (0, 200)},
        choices={"status": ("booked", "cancelled")},
        is_calendar=True,
    ),
}


def completed(rules: Rules, row: Row, others: Iterable[Row]) -> Row:
    """With what the table itself gives a new row."""
    taken = [key for other in others if isinstance(key := other.get("id"), int)]
    given = {"id": max(taken, default=0) + 1, "created_at": datetime.now(UTC).isoformat()}
    return {**given, **rules.defaults, **row}


def check(rules: Rules, row: Row, others: list[Row], customers: list[Row]) -> None:
    """Raises RowRefused. `others` are the other rows of its table."""
    for column, (least, most) in rules.lengths.items():
        if not least <= len(str(row.get(column) or "")) <= most:
            raise RowRefused(f"{column} has a wrong length", code=CHECK)
    for column, choices in rules.choices.items():
        if row.get(column) not in choices:
            raise RowRefused(f"{column} is none of {', '.join(choices)}", code=CHECK)
    if rules.has_owner and all(one.get("id") != row.get("customer_id") for one in customers):
        raise RowRefused("customer_id names no row of customers", code=NO_SUCH_ROW)
    for columns in rules.unique:
        if any(all(other.get(name) == row.get(name) for name in columns) for other in others):
            raise RowRefused("duplicate key value violates unique constraint", code=NOT_UNIQUE)
    if rules.is_calendar:
        _check_times(row, others)


def _check_times(row: Row, others: list[Row]) -> None:
    starts_at, ends_at = _times(row)
    if ends_at <= starts_at:
        raise RowRefused("ends_at is not after starts_at", code=CHECK)
    for other in others:
        if (other.get("status"), other.get("calendar")) != ("booked", row.get("calendar")):
            continue
        begins, ends = _times(other)
        if row.get("status") == "booked" and begins < ends_at and ends > starts_at:
            raise RowRefused("conflicting key value violates appointments_overlap", code=OVERLAP)


def _times(row: Row) -> tuple[datetime, datetime]:
    times = moment(row.get("starts_at")), moment(row.get("ends_at"))
    if times[0] is None or times[1] is None:
        raise RowRefused("starts_at or ends_at is no time with a zone", code="22007")
    return times[0], times[1]


def moment(value: object) -> datetime | None:
    """None for what is no time with a zone."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None
