"""What a call knows of a customer: a plain value, whatever it was read from. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    customer_id: int | str
    name: str
    language: str
    status: str
    notes: str
    facts: tuple[str, ...] = ()
