"""What the tables of docs/supabase.sql take and refuse, with PostgreSQL's error codes. Pure.

A table of any other name takes everything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Row = dict[str, object]

KEYS = frozenset({"id", "customer_id"})
CONFLICTS = {"23503", "23505"}  # PostgREST answers them with 409, any other with 400
E164 = re.compile(r"\+[1-9][0-9]{5,14}")
TIMES = ("starts_at", "ends_at")
LARGEST_KEY = 2**63 - 1


class Refused(Exception):
    """What PostgreSQL says no to; `code` is its SQLSTATE, `status` what PostgREST makes of it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = 409 if code in CONFLICTS else 400


@dataclass(frozen=True, slots=True)
class Rules:
    defaults: Mapping[str, object] = field(default_factory=dict)
    # Of a text, the least and most letters. Without a default, it has to be given.
    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    among: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    phone: str = ""  # the column that holds a number, in E.164
    of_a_customer: bool = False
    is_a_span: bool = False  # of a calendar, where no two that are booked overlap


RULES: Mapping[str, Rules] = {
    "customers": Rules(
        defaults={"language": "", "status": "lead", "notes": ""},
        lengths={"name": (1, 120), "language": (0, 16)},
        among={"status": frozenset({"lead", "active", "vip", "closed"})},
        unique=(("phone",),),
        phone="phone",
    ),
    "customer_phones": Rules(unique=(("number",),), phone="number", of_a_customer=True),
    "customer_facts": Rules(
        lengths={"text": (1, 500)}, unique=(("customer_id", "text"),), of_a_customer=True
    ),
    "appointments": Rules(
        defaults={"calendar": "main", "reason": "", "status": "booked"},
        lengths={"calendar": (1, 40), "reason": (0, 200)},
        among={"status": frozenset({"booked", "cancelled"})},
        of_a_customer=True,
        is_a_span=True,
    ),
}


def completed(table: str, row: Row, beside: list[Row]) -> Row:
    """A new row with what the table gives it: a key, defaults, the time it was made."""
    keys = [taken for other in beside if type(taken := other.get("id")) is int]
    made = {"id": max(keys, default=0) + 1, "created_at": datetime.now(UTC).isoformat()}
    return {**made, **RULES[table].defaults, **row}


def in_one_spelling(table: str, row: Row) -> Row:
    """Keys as numbers, times in UTC. Raises Refused for what is neither."""
    spelled = dict(row)
    for name in KEYS & row.keys():
        spelled[name] = key(row[name])
    for name in TIMES if RULES[table].is_a_span else ():
        if name in row:
            read = moment(row[name])
            if read is None:
                raise Refused("22007", f"{name} is no time with a zone")
            spelled[name] = read.astimezone(UTC).isoformat()
    return spelled


def check(table: str, row: Row, beside: list[Row], customers: list[Row]) -> None:
    """Raises Refused. `beside` are the other rows of the table."""
    rules = RULES[table]
    for name, (least, most) in rules.lengths.items():
        text = row.get(name)
        if text is None:
            raise Refused("23502", f'null value in column "{name}"')
        if not least <= len(str(text)) <= most:
            raise Refused("23514", f"{name} is too short or too long")
    for name, values in rules.among.items():
        if row.get(name) not in values:
            raise Refused("23514", f"{name} is none of {', '.join(sorted(values))}")
    if rules.phone and not E164.fullmatch(str(row.get(rules.phone))):
        raise Refused("23514", f"{rules.phone} is no number in E.164")
    for names in rules.unique:
        if any(all(other.get(name) == row.get(name) for name in names) for other in beside):
            raise Refused("23505", f"duplicate key value: {', '.join(names)}")
    if rules.of_a_customer and all(one.get("id") != row.get("customer_id") for one in customers):
        raise Refused("23503", "customer_id is not present in customers")
    if rules.is_a_span:
        _check_span(row, beside)


def _check_span(row: Row, beside: list[Row]) -> None:
    starts_at, ends_at = (moment(row.get(name)) for name in TIMES)
    if starts_at is None or ends_at is None:
        raise Refused("23502", "null value in starts_at or ends_at")
    if ends_at <= starts_at:
        raise Refused("23514", "ends_at is not after starts_at")
    if row["status"] != "booked":
        return
    for other in beside:
        begins, ends = (moment(other.get(name)) for name in TIMES)
        is_rival = other.get("status") == "booked" and other.get("calendar") == row["calendar"]
        if is_rival and begins and ends and begins < ends_at and ends > starts_at:
            raise Refused("23P01", "conflicting key value violates appointments_overlap")


def key(value: object) -> int:
    """Raises Refused for what is no number, or none that fits."""
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]+", text):
        raise Refused("22P02", "invalid input syntax for type bigint")
    if abs(int(text)) > LARGEST_KEY:
        raise Refused("22003", "out of range for type bigint")
    return int(text)


def moment(value: object) -> datetime | None:
    """None for what is no time with a zone."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None
