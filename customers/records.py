"""What a call knows of a customer: plain values, whatever they were read from. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    customer_id: int | str
    name: str
    language: str
    status: str
    notes: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appointment:
    """Times have a zone; `ends_at` is the first moment that is free again."""

    appointment_id: int | str
    customer_id: int | str
    calendar: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much there is of one customer. `numbers`: all of theirs, E.164, the main one first."""

    customers: int = 0
    numbers: tuple[str, ...] = ()
    facts: int = 0
    appointments: int = 0


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """A part of a calendar that is given away."""

    starts_at: datetime
    ends_at: datetime
