"""What docs/supabase.sql makes: what a new row has of itself, and which rows are refused. Pure.

Codes are PostgreSQL's own. `Refused.status` is what PostgREST answers with it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Row = dict[str, object]
CONFLICTS = {"23505", "23503"}  # 409; any other is 400
KEYS = frozenset({"id", "customer_id"})
E164 = re.compile(r"\+[1-9][0-9]{5,14}")


class Refused(Exception):
    """The table does not take this row."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = 409 if code in CONFLICTS else 400


@dataclass(frozen=True, slots=True)
class Rules:
    """`lengths`: the fewest and most characters of a text that has to be there."""

    defaults: Mapping[str, object] = field(default_factory=dict)
    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    among: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    phone: str = ""
    of_a_customer: bool = True
    is_a_span: bool = False  # from starts_at to ends_at, of which no two that are booked overlap


RULES: Mapping[str, Rules] = {
    "customers": Rules(
        defaults={"language": "", "status": "lead", "notes": ""},
        lengths={"name": (1, 120), "phone": (1, 32), "language": (0, 16)},
        among={"status": frozenset({"lead", "active", "vip", "closed"})},
        unique=(("phone",),),
        phone="phone",
        of_a_customer=False,
    ),
    "customer_phones": Rules(lengths={"number": (1, 32)}, unique=(("number",),), phone="number"),
    "customer_facts": Rules(lengths={"text": (1, 500)}, unique=(("customer_id", "text"),)),
    "appointments": Rules(
        defaults={"calendar": "main", "reason": "", "status": "booked"},
        lengths={"calendar": (1, 40), "reason": (0, 200)},
        among={"status": frozenset({"booked", "cancelled"})},
        is_a_span=True,
    ),
}


def key(written: object) -> int:
    """A number, also as the text that a query is. Raises Refused."""
    if isinstance(written, str) and re.fullmatch(r"-?[0-9]+", written):
        return int(written)
    if isinstance(written, int) and not isinstance(written, bool):
        return written
    raise Refused("22P02", "invalid input syntax for type bigint")


def moment(written: object) -> datetime | None:
    """A time with a zone; None for anything else."""
    try:
        read = datetime.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
    return None if read is None or read.tzinfo is None else read


def completed(table: str, given: Row, beside: list[Row]) -> Row:
    """With a key, defaults and times in UTC. `beside`: the rows that are there."""
    keys = [known for row in beside if isinstance(known := row.get("id"), int)]
    made = {
        "id": max(keys, default=0) + 1,
        **RULES[table].defaults,
        "created_at": datetime.now(UTC).isoformat(),
    }
    return in_one_spelling(table, {**made, **given})


def in_one_spelling(table: str, row: Row) -> Row:
    """Times as PostgreSQL tells them. Raises Refused for what is none."""
    if not RULES[table].is_a_span:
        return row
    told = dict(row)
    for name in ("starts_at", "ends_at"):
        time = moment(row.get(name))
        if time is None:
            raise Refused("22007", "invalid input syntax for type timestamp with time zone")
        told[name] = time.astimezone(UTC).isoformat()
    return told


def check(table: str, row: Row, beside: list[Row], customers: list[Row]) -> None:
    """`beside`: the other rows of the table. Raises Refused."""
    rules = RULES[table]
    _check_values(table, rules, row)
    if rules.of_a_customer:
        owner = key(row.get("customer_id"))
        if not any(one.get("id") == owner for one in customers):
            raise Refused("23503", f'violates foreign key constraint "{table}_customer_id_fkey"')
    for names in (("id",), *rules.unique):
        if any(all(row[name] == other.get(name) for name in names) for other in beside):
            raise Refused("23505", f'duplicate key value violates "{table}_{"_".join(names)}_key"')
    if rules.is_a_span:
        _check_span(row, beside)


def _check_values(table: str, rules: Rules, row: Row) -> None:
    for name, (fewest, most) in rules.lengths.items():
        value = row.get(name)
        if value is None:
            raise Refused("23502", f'null value in column "{name}" violates not-null constraint')
        if not fewest <= len(str(value)) <= most:
            raise Refused("23514", f'violates check constraint "{table}_{name}_check"')
    for name, values in rules.among.items():
        if row.get(name) not in values:
            raise Refused("23514", f'violates check constraint "{table}_{name}_check"')
    if rules.phone and not E164.fullmatch(str(row[rules.phone])):
        raise Refused("23514", f'violates check constraint "{table}_{rules.phone}_check"')


def _check_span(row: Row, beside: list[Row]) -> None:
    starts_at, ends_at = moment(row["starts_at"]), moment(row["ends_at"])
    if not (starts_at and ends_at and starts_at < ends_at):
        raise Refused("23514", 'violates check constraint "appointments_check"')
    for other in beside:
        begins, ends = moment(other.get("starts_at")), moment(other.get("ends_at"))
        in_the_way = begins and ends and begins < ends_at and starts_at < ends
        in_one_calendar = other.get("calendar") == row["calendar"]
        if in_the_way and in_one_calendar and row["status"] == other.get("status") == "booked":
            raise Refused("23P01", 'violates exclusion constraint "appointments_overlap"')
